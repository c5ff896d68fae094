"""KPIs in Python, for notebooks: what `iterata.lift` measures by. Everything else of `iterata.measure` is internal."""

from iterata.measure.kpi import describe

__all__ = ["describe"]
