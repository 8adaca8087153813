"""What a conversation is: the pure engine, its language, its words and its screens. No I/O happens here."""
