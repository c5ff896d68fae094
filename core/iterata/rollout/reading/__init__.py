"""Reading the rows of a split test: quantities, arms, days and phases, and the sums that are kept."""
