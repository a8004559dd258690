"""`run-spec reproduce`: a recorded run made again, and held against what it was."""
