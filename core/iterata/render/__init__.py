"""Results as Markdown: pages, comments and the terminal show what this room renders."""
