"""What a turn costs, measured: ``python -m bench``, or ``make bench``. See docs/performance.md."""
