"""Delivery to MLflow, from finished values only, and what is read back from it."""
