"""The actions behind the commands, one module each. `publish` writes results."""
