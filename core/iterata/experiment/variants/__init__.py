"""What produces a column of predictions: an estimator, a command or a file."""
