"""Rows of a query: of the project's files or a DuckDB file, or of any database of SQLAlchemy."""
