"""Which kind of values a target column holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.enums import ModelKind, OutcomeKind

if TYPE_CHECKING:
    import pandas as pd

MOST_CLASSES = 100
"""With more different texts than this, a column does not name classes."""

MOST_NUMBERED_CLASSES = 20
"""With more different whole numbers than this, a column does not number classes."""

AFFIRMATIVE = ("1", "yes", "true", "y", "positive", "success")
"""Values, in lower case, that count as positive."""

_IN_LISTS = (ModelKind.RANKING, ModelKind.RECOMMENDATION)


class TargetLook(NamedTuple):
    """What a target column looks like."""

    outcome: OutcomeKind
    values: tuple[object, ...] = ()
    """Its different values, the most frequent first; empty for numbers."""
    rarest: int = 0
    """How many rows the rarest class has; 0 if there are no classes."""

    @property
    def positive(self) -> object:
        """The value that counts as positive: one that affirms, else the rarer one."""
        affirmed = [value for value in self.values if str(value).lower() in AFFIRMATIVE]
        return (affirmed or self.values[::-1] or [1])[0]


def target_look(values: pd.Series | None, model_kind: ModelKind | None) -> TargetLook | None:
    """The kind of values of a target column.

    Args:
        values: all of its values that are not missing; None if they are not known.
        model_kind: what the requirements suggest: it tells amounts from numbered classes and from degrees
            of relevance.

    Returns:
        None if the values are not known, or could be anything.
    """
    if values is None or values.empty:
        return None
    counts = values.value_counts()
    different, rarest = tuple(map(_plain, counts.index.tolist())), int(counts.min())
    if model_kind in _IN_LISTS:
        relevant = values.dtype.kind in "biuf" and values.min() >= 0
        return TargetLook(OutcomeKind.RELEVANCE, different) if relevant else None
    if len(different) <= 2:
        return TargetLook(OutcomeKind.YES_NO, different)
    if _names_classes(values, different, model_kind):
        return TargetLook(OutcomeKind.CLASSES, different, rarest)
    return TargetLook(OutcomeKind.NUMBER) if values.dtype.kind in "biuf" else None


def _plain(value: object) -> object:
    """A value as people write it: whole numbers without a decimal point."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _names_classes(values: pd.Series, different: tuple[object, ...], model_kind: ModelKind | None) -> bool:
    if values.dtype.kind not in "biuf":
        return len(different) <= MOST_CLASSES
    whole = bool((values == values.round()).all()) and len(different) <= MOST_NUMBERED_CLASSES
    return whole and model_kind is ModelKind.CLASSIFICATION
