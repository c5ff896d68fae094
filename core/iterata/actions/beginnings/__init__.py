"""What new documents begin with: a KPI, a split, metrics and models that fit the data and the question."""
