"""What each stage document must say: one model a stage."""
