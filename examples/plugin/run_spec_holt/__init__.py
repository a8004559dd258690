"""Holt's linear trend and the mean squared logarithmic error, for run-spec."""
