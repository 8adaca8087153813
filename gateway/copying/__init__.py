"""A release as one file that another computer can take: ``njia flows export`` and ``njia flows import``."""
