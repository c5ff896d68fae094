"""The checks: each finds one kind of problem, has a code, and says how to mend what it finds."""
