"""iterata: machine-learning projects as small, reviewed, learning iterations.

Public, for notebooks and other programs, are `iterata.lift`, `iterata.kpi` and `iterata.__version__`, with the
names in their `__all__`. Everything else is internal and may change with any release.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
