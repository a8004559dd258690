"""Models: light halves."""
