"""What each command does: one module a verb. `publish` writes results; the command line only translates."""
