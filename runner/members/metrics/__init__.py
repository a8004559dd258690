"""Metrics: light halves."""
