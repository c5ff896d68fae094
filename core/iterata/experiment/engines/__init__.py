"""Where fits are executed: this machine, Dask, Ray or Spark; and what is kept of them."""
