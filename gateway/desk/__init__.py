"""``/desk``: the pages of support staff. They work without script; what they show of a client is masked at first."""
