"""Where folds are predicted: this machine, Dask, Ray or Spark; and the caches of what was computed."""
