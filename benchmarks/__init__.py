"""The speed of iterata relative to other tools: ratios depend little on the machine."""
