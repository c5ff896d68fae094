"""iterata: machine-learning projects as small, reviewed, learning iterations."""

__version__ = "0.1.0"
