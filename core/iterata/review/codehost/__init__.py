"""Code hosts: the reviews of a pull request, and one comment on it, by the API of each host."""
