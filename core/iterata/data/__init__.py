"""Rows: where they come from, what their columns mean, and the table that is measured."""
