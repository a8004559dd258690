"""Two specs -> what changed in meaning, and what that does to the work."""
