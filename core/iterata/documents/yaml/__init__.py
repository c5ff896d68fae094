"""Front matter as YAML 1.2, with the line of every key."""
