"""What programs read of a site: records, feeds, and pages as plain Markdown."""
