"""Monitors of released variants: the values of their data, and the verdicts on them."""
