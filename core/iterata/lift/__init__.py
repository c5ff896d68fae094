"""Expected lift: what a project can win and lose, before a line of training code is written."""
