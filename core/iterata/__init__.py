"""iterata: machine-learning projects as small, reviewed, learning iterations.

The public interface for notebooks and other programs is `iterata.lift`, `iterata.kpi` (the names in their
`__all__`) and `iterata.__version__`. Every other module is internal and may change in any release.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
