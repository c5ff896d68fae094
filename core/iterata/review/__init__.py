"""The review of a pull request: its changes, and the rules about changes."""
