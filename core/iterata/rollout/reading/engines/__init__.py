"""Split tests summed up by the engine that holds their rows: only sums leave it."""
