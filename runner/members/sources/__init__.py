"""Sources: light halves."""
