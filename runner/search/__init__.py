"""The search on the tuning windows: spaces, asks, pruning, studies from records."""

from typing import Final

FEWEST_TRIALS_FOR_IMPORTANCE: Final = 5
"""Complete trials below which parameter importance is a guess."""
