"""Engines: light halves."""
