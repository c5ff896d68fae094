"""After the experiment: the release, and what watches it."""
