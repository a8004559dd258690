"""The work of the commands that are not a run."""
