"""The command line of iterata."""
