"""Generators of the reference pages: one module per page."""
