"""Where the work stands, what it waits for, and the gates it must pass."""
