"""`run-spec forecast`: the future beyond the data, from a model of a finished run."""
