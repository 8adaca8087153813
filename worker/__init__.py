"""What may be late: the scribe, schedules and jobs. Nothing here has a client waiting."""
