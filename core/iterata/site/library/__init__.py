"""The library of findings: its lists, a page for each finding, and the data of its search."""
