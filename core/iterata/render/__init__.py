"""Results as Markdown; nothing else writes tables."""
