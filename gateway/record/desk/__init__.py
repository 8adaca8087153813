"""What the desk reads of the client record: one file for each page, and what staff write from there."""
