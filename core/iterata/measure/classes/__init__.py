"""Metrics of answers and probabilities if the target has several classes."""
