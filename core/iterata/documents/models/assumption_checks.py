"""Checks that assumptions are complete for the KPI and that their likely values are consistent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.models.assumed_classes import wrong_class_assumptions
from iterata.documents.models.assumed_effects import wrong_effects
from iterata.documents.models.assumed_status_quo import (
    CONTRADICTIONS,
    DERIVATIONS,
    AssumableKpi,
    assumed_figures,
    kpi_values,
    payoff_matrix,
    ranges,
    status_quo_shares,
)
from iterata.documents.models.assumption_messages import WrongAssumption
from iterata.documents.models.kpi import ClassValueSpec, UpliftSpec
from iterata.documents.models.ranges import Range
from iterata.text import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.documents.models.assumed_status_quo import StatusQuoShares
    from iterata.documents.models.assumptions import Assumptions
    from iterata.documents.models.kpi import KpiSpec
    from iterata.documents.models.period import Period

_SYNONYMS = {"capture": "recall", "recall": "capture"}
"""The same share, by its name in the other kind of KPI."""


def wrong_assumptions(kpi: KpiSpec, assumptions: Assumptions, period: Period | None) -> list[WrongAssumption]:
    """Everything that prevents bounds from being computed, or an empty list."""
    if isinstance(kpi, ClassValueSpec):
        wrong = wrong_class_assumptions(kpi, assumptions, period)
        return [*_volume(assumptions, period), *(WrongAssumption(*found) for found in wrong)]
    if isinstance(kpi, UpliftSpec):
        return [*_volume(assumptions, period), *wrong_effects(kpi, assumptions, period)]
    if not isinstance(kpi, AssumableKpi):
        kinds = f"{', '.join((*DERIVATIONS, 'class_value'))} or uplift"
        message = f"a KPI of kind {kpi.kind} needs `data`; only {kinds} can be computed from assumptions"
        return [WrongAssumption((), message)]
    incomplete = [
        *_of_effects(kpi.kind, assumptions),
        *_base_rate(kpi, assumptions),
        *_volume(assumptions, period),
        *_status_quo(kpi, assumptions),
        *_values(kpi, assumptions),
    ]
    return incomplete or [*_contradictions(kpi, assumptions, period)]


def _of_effects(kind: str, assumptions: Assumptions) -> Iterator[WrongAssumption]:
    for name in ("effect", "treated_rate"):
        if getattr(assumptions, name) is not None:
            yield WrongAssumption((name,), f"does not apply to a KPI of kind {kind}, which counts no effects")


def _volume(assumptions: Assumptions, period: Period | None) -> Iterator[WrongAssumption]:
    if assumptions.volume is None:
        if period is None:
            message = "needs `volume`, the rows in a period, or a `period` with its number of rows"
            yield WrongAssumption((), message)
    elif period is not None and (likely := Range.of(assumptions.volume).likely) != period.rows:
        message = f"is likely {likely:,.10g}, but the period has {period.rows:,} rows: "
        yield WrongAssumption(("volume",), f"{message}write the same number in both, or remove `volume`")


def _base_rate(kpi: AssumableKpi, assumptions: Assumptions) -> Iterator[WrongAssumption]:
    if assumptions.base_rate is None:
        yield WrongAssumption((), "needs `base_rate`, the share of rows that are positive")
    if assumptions.classes is not None:
        yield WrongAssumption(("classes",), f"does not apply to a KPI of kind {kpi.kind}")


def _status_quo(kpi: AssumableKpi, assumptions: Assumptions) -> Iterator[WrongAssumption]:
    status_quo, derivations = assumptions.status_quo, DERIVATIONS[kpi.kind]
    assumed = assumed_figures(status_quo, kpi.kind)
    usable = {figure for figures in derivations for figure in figures}
    if unusable := [figure for figure in assumed if figure not in usable]:
        yield from (_unusable(figure, kpi.kind, usable - set(assumed)) for figure in unusable)
    elif assumed not in derivations:
        choices = "; ".join(" and ".join(figures) for figures in derivations if figures != ("action_rate",))
        needs = "one of these" if kpi.kind == "targeting" else "one of these pairs"
        message = f"needs {needs}: {choices}; it has {' and '.join(assumed) or 'none'}"
        yield WrongAssumption(("status_quo",), message)
    elif assumed == ("action_rate",) and status_quo.action_rate not in (0, 1):
        message = "is sufficient without precision or recall only if it is 0 or 1; add one of them"
        yield WrongAssumption(("status_quo", "action_rate"), message)
    elif assumed == ("precision", "recall") and Range.of(status_quo.precision or 0).low == 0:
        yield WrongAssumption(("status_quo", "precision"), "must be more than 0 if `recall` is given")


def _unusable(figure: str, kind: str, missing: set[str]) -> WrongAssumption:
    synonym = _SYNONYMS.get(figure)
    guess = f": did you mean `{synonym}`?" if synonym in missing else ""
    return WrongAssumption(("status_quo", figure), f"does not apply to a KPI of kind {kind}{guess}")


def _values(kpi: AssumableKpi, assumptions: Assumptions) -> Iterator[WrongAssumption]:
    usable = kpi_values(kpi)
    for name in type(assumptions.values).model_fields if assumptions.values else ():
        if name not in usable and getattr(assumptions.values, name) is not None:
            message = f"is not a value of a KPI of kind {kpi.kind}, which has {', '.join(usable)}"
            yield WrongAssumption(("values", name), message)


def _contradictions(
    kpi: AssumableKpi, assumptions: Assumptions, period: Period | None
) -> Iterator[WrongAssumption]:
    likely = {name: range_.likely for name, range_ in ranges(kpi, assumptions, period).items()}
    assumed = assumed_figures(assumptions.status_quo, kpi.kind)
    positive, negative = payoff_matrix(kpi, likely).gains_of_acting
    if "kpi" in assumed and positive == negative:
        message = "does not determine the status quo: acting is worth the same for positives and negatives"
        yield WrongAssumption(("status_quo", "kpi"), message)
        return
    shares = status_quo_shares(kpi, likely)
    for contradiction, applies in CONTRADICTIONS:
        if applies(shares):
            message = f"contradicts the other assumptions: {contradiction} ({_in_words(shares)})"
            yield WrongAssumption(("status_quo", assumed[0]), message)
            return


def _in_words(shares: StatusQuoShares) -> str:
    named = zip(shares, ("positive", "acted upon", "both"), strict=True)
    return f"of all rows, {', '.join(f'{percent(float(share))} {name}' for share, name in named)}"
