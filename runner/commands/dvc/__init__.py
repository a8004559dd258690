"""What DVC is given: a pipeline with a stage for each spec, and the files that its stages promise."""
