"""Whether assumptions say all that the KPI needs, and whether their likely values can be true together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.assumed_status_quo import (
    CONTRADICTIONS,
    WAYS,
    Assumable,
    cells,
    known_of,
    ranges,
    today,
    values_of,
)
from iterata.documents.models.assumptions import Range
from iterata.text import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.assumed_status_quo import Today
    from iterata.documents.models.assumptions import Assumptions
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period

_ALSO_CALLED = {"capture": "recall", "recall": "capture"}
"""The same share, by its name in the other kind of KPI."""


class Fault(NamedTuple):
    """What is wrong with assumptions, and below which key."""

    path: tuple[str, ...]
    message: str


def faults(kpi: KpiSpec, assumptions: Assumptions, period: Period | None) -> list[Fault]:
    """What stands in the way of computing anything; paths begin below `assumptions`."""
    if not isinstance(kpi, Assumable):
        kinds = " or ".join(WAYS)
        return [Fault((), f"cannot stand for a KPI of kind {kpi.kind}, only of {kinds}; it needs `data`")]
    found = [*_volume(assumptions, period), *_status_quo(kpi, assumptions), *_values(kpi, assumptions)]
    return found or [*_contradictions(kpi, assumptions, period)]


def _volume(assumptions: Assumptions, period: Period | None) -> Iterator[Fault]:
    if assumptions.volume is None:
        if period is None:
            yield Fault((), "needs `volume`, the rows in a period, or a `period` that says how many it has")
    elif period is not None and Range.of(assumptions.volume).likely != period.rows:
        likely = Range.of(assumptions.volume).likely
        said = f"is likely {likely:,.10g}, but the period has {period.rows:,} rows"
        yield Fault(("volume",), f"{said}: write the same number in both, or leave `volume` out")


def _status_quo(kpi: Assumable, assumptions: Assumptions) -> Iterator[Fault]:
    written, ways = known_of(assumptions.status_quo, kpi.kind), WAYS[kpi.kind]
    usable = {key for way in ways for key in way}
    foreign = [key for key in written if key not in usable]
    for key in foreign:
        other = _ALSO_CALLED.get(key)
        guess = f": did you mean `{other}`?" if other in usable and other not in written else ""
        yield Fault(("status_quo", key), f"is of no use for a KPI of kind {kpi.kind}{guess}")
    if foreign:
        return
    if written not in ways:
        choices = "; ".join(" and ".join(way) for way in ways if way != ("acted",))
        several = "one of these" if kpi.kind == "targeting" else "one of these pairs"
        yield Fault(("status_quo",), f"needs {several}: {choices}; it has {' and '.join(written) or 'none'}")
    elif written == ("acted",) and assumptions.status_quo.acted not in (0, 1):
        message = "says enough alone only where it is 0 (nobody) or 1 (everybody); add precision or recall"
        yield Fault(("status_quo", "acted"), message)
    elif written == ("precision", "recall") and Range.of(assumptions.status_quo.precision or 0).low == 0:
        yield Fault(("status_quo", "precision"), "must be more than 0 where `recall` stands beside it")


def _values(kpi: Assumable, assumptions: Assumptions) -> Iterator[Fault]:
    usable = values_of(kpi)
    for key in type(assumptions.values).model_fields if assumptions.values else ():
        if key not in usable and getattr(assumptions.values, key) is not None:
            listed = ", ".join(usable)
            yield Fault(("values", key), f"is no value of a KPI of kind {kpi.kind}, which has {listed}")


def _contradictions(kpi: Assumable, assumptions: Assumptions, period: Period | None) -> Iterator[Fault]:
    likely = {name: each.likely for name, each in ranges(kpi, assumptions, period).items()}
    written = known_of(assumptions.status_quo, kpi.kind)
    hit, miss = cells(kpi, likely).gains
    if "kpi" in written and hit == miss:
        message = "tells nothing of today where acting is worth the same for positives and negatives"
        yield Fault(("status_quo", "kpi"), message)
        return
    at = today(kpi, likely)
    for reason, holds in CONTRADICTIONS:
        if holds(at):
            yield Fault(("status_quo", written[0]), f"cannot be, with the rest: {reason} ({in_shares(at)})")
            return


def in_shares(at: Today) -> str:
    """What assumptions come to, in words."""
    shares = zip(("positive", "acted upon today", "both"), (at.base, at.acted, at.hits), strict=True)
    return f"of all rows, {', '.join(f'{percent(float(share))} {what}' for what, share in shares)}"
