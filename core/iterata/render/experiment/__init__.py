"""The tables and sentences of an experiment's result."""
