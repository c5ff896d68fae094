"""The tables and sentences of an expected lift."""
