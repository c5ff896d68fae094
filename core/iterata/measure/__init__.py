"""Figures of predictions, and their uncertainty."""
