"""What was computed is kept: predictions of folds and comparisons, on this machine and for a whole team."""
