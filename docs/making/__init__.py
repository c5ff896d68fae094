"""What makes the reference pages: one module for each."""
