"""The lifecycle of documents: gates, next steps and staleness."""
