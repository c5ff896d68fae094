"""The repository: Git, files, settings, roles, and the tree of projects."""
