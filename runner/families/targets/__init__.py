"""The family of target steps: what is done to the target before a model learns it, and undone after the forecast."""
