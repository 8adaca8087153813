"""What leaves the client record as a file: ``njia export``. Masked, read page by page, safe in a spreadsheet."""
