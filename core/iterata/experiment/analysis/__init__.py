"""From predictions to figures and verdicts."""
