"""One turn of a conversation, and everything around it: stores, the client record, pages, commands."""
