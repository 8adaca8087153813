"""The past of a demonstration: some hundred made-up clients, and a month that they live through in a few seconds.

Nothing of it is written by hand. The people dial as a provider sends it, the engine answers, the wallet takes, the
worker posts and the scribe writes, in a house of its own on a clock that is moved; then the record gets it as a whole.
"""
