"""Plays conversation files: through the real adapter, engine, words and stores, on a clock that stands still."""
