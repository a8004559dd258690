"""Features: light halves."""
