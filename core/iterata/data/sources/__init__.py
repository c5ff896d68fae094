"""Where rows come from: files, queries and what is at hand; only what is needed is read, and once."""
