"""Targets: light halves."""
