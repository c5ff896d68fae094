"""The quantities of each unit that the metrics of a split test need."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import Location
from iterata.expressions.parse import column_names
from iterata.rollout.cells import MetricColumns

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from iterata.documents.models.split_test import SplitTestSpec

METRICS = ("split_test", "metrics")


class Quantity(NamedTuple):
    """An expression over the columns of a row."""

    expression: str
    before: bool
    """Whether it was measured before the exposure: once for each unit, and not added up over its rows."""
    metric: str
    """The first metric that needs it."""
    key: str
    """The key of that metric: of, per or before."""
    at_least: float | None = None
    """The smallest value that a row may have."""

    @property
    def label(self) -> str:
        """Its name among all quantities."""
        return f"{self.expression} (before)" if self.before else self.expression

    @property
    def field(self) -> str:
        """The field of the document that describes it."""
        return f"split_test.metrics.{self.metric}.{self.key}"

    @property
    def location(self) -> Location:
        """The same as a location."""
        return Location(field=(*METRICS, self.metric, self.key))

    @property
    def columns(self) -> list[str]:
        """The columns that it reads."""
        return column_names(self.expression, self.location)


class Quantities(NamedTuple):
    """All quantities, each once, and which of them each metric needs."""

    items: tuple[Quantity, ...]
    metrics: Mapping[str, MetricColumns]

    @classmethod
    def of(cls, spec: SplitTestSpec) -> Quantities:
        """The quantities that a document describes.

        Raises:
            InvalidExpression: an expression is not allowed.
        """
        items: dict[tuple[str, bool], Quantity] = {}
        metrics: dict[str, MetricColumns] = {}
        for name, measure in spec.metrics.items():
            places: dict[str, int] = {}
            for key, expression in (("of", measure.of), ("per", measure.per), ("before", measure.before)):
                if expression is None:
                    continue
                at_least = measure.at_least if key == "of" else None
                quantity = Quantity(expression, key == "before", name, key, at_least)
                quantity.columns  # noqa: B018  # refuses what is not allowed
                identity = (expression, quantity.before)
                items[identity] = _stricter(items.get(identity), quantity)
                places[key] = list(items).index(identity)
            metrics[name] = MetricColumns(places["of"], places.get("per"), places.get("before"))
        return cls(tuple(items.values()), metrics)

    @property
    def columns(self) -> list[str]:
        """The columns that all of them read."""
        return list(dict.fromkeys(name for item in self.items for name in item.columns))

    @property
    def labels(self) -> tuple[str, ...]:
        """Their names, in the order of the columns of `Moments`."""
        return tuple(item.label for item in self.items)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The pairs of positions whose products a metric needs, `i <= j`, sorted."""
        return sorted(
            {
                (min(one, other), max(one, other))
                for columns in self.metrics.values()
                for one in columns.positions
                for other in columns.positions
            }
        )

    def needed(self) -> NDArray[np.bool_]:
        """Whether a metric needs the product of two quantities; shape `(k, k)`."""
        import numpy as np  # noqa: PLC0415  # the document's gates import this module

        mask = np.zeros((len(self.items), len(self.items)), dtype=bool)
        for one, other in self.pairs:
            mask[one, other] = mask[other, one] = True
        return mask


def _stricter(present: Quantity | None, other: Quantity) -> Quantity:
    """The same quantity with the larger of the smallest values."""
    if present is None or other.at_least is None:
        return present or other
    if present.at_least is None or other.at_least > present.at_least:
        return other
    return present
