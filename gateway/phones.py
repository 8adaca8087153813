from flows.phones import BadPhone, e164, masked, usual

__all__ = ["BadPhone", "e164", "masked", "usual"]
