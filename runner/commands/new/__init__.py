"""A data file -> a commented spec that lints clean and runs."""
