"""Translations: what is there and what is not, the file that a translator fills in, and what comes back from it."""
