"""Where rows come from: CSV and Parquet files, queries, and data frames; only the needed columns are read."""
