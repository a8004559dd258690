"""The search on the tuning windows: spaces, asks, pruning, studies from records."""
