"""KPIs for notebooks: descriptions of the number that decides, as `iterata.lift` takes them."""

from iterata.measure.kpi import describe

__all__ = ["describe"]
