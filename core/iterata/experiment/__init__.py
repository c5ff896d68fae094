"""Run an approved plan: fit its variants on folds, compare their predictions, and record the result."""
