"""The rollout of a released variant: its split test read by phases, and what follows from it."""
