"""What a deployment begins with: variant, phases, metrics and monitors of the approved documents."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents.models.deployment import WEEK
from iterata.documents.models.enums import Direction
from iterata.errors import NotFoundError
from iterata.lifecycle.conditions import TODO
from iterata.results.best import best_variant
from iterata.results.parts import AMOUNTS
from iterata.text import closest

if TYPE_CHECKING:
    from datetime import date

    from iterata.actions.beginnings.values import Values
    from iterata.documents.models.lift import LiftSpec
    from iterata.documents.models.proposal import Metrics
    from iterata.repository.projects import IterationFolder
    from iterata.results import Estimate, ExperimentResult, VariantResult

_ROWS = "data/release.csv"
"""The file of the split test and of the monitors, until its author names another one."""

_SHARES = (0.1, 0.25, 0.5)
"""The shares of the phases with a control group; a phase of everybody follows."""

_PERIOD_DAYS = 91
"""The days after which the realised lift is measured again, if the assessment does not tell its period."""

_NAMED_PERIODS = {"day": 1, "week": WEEK, "fortnight": 2 * WEEK, "month": 30, "quarter": 91, "year": 365}

_SCORER = "A split test has no scores to compare."

ALPHA, POWER = 0.05, 0.8
"""The two-sided false positive rate, and the probability of showing the gain, that phases are planned for."""

_NORMAL = NormalDist()


class _Pace(NamedTuple):
    """How long each phase with a control group lasts, if all rows of a period take part."""

    units: int
    days: int


def deployment_values(folder: IterationFolder, variant: str | None, today: date) -> Values:
    """The values of a new deployment, as far as earlier documents and results determine them.

    Args:
        folder: the iteration.
        variant: the variant to release; by default the best one of the experiment.
        today: the day on which the document is begun.

    Raises:
        NotFoundError: the result has no such variant.
    """
    result = folder.result("experiment")
    released = _released(folder, result, variant)
    values: Values = {} if released is None else {"variant": released.name}
    spec, proposal = folder.assessment.lift if folder.assessment else None, folder.proposal
    if result is None or released is None or spec is None or proposal is None:
        return values
    pace = _pace(spec, result, released)
    phases = _phases(pace)
    period = _period_days(spec) or _PERIOD_DAYS
    holds = (pace.days if pace else WEEK) * len(_SHARES) + WEEK
    return {
        **values,
        "phases": phases,
        "split_test": _split_test(spec, proposal.plan.metrics),
        "measure_again": (today + timedelta(days=holds + period)).isoformat(),
        "monitors": _monitors(result, released, spec),
    }


def _released(
    folder: IterationFolder, result: ExperimentResult | None, name: str | None
) -> VariantResult | None:
    if name is None:
        return best_variant(result) if result else None
    names = {variant.name: variant for variant in result.variants} if result else {}
    if name in names:
        return names[name]
    guess = closest(name, list(names))
    one_of = f"write {guess}" if guess else f"name one of: {', '.join(names)}"
    remedy = one_of if names else f"`iterata run {folder.ref}` first"
    raise NotFoundError(f"the result has no variant {name}", remedy=remedy, where=folder.ref)


def _period_days(spec: LiftSpec) -> int | None:
    """The days of the period that figures are scaled to; None if neither its days nor its name tell."""
    if spec.period is None:
        return None
    return ceil(spec.period.days) if spec.period.days else _NAMED_PERIODS.get(spec.period.name.casefold())


def _pace(spec: LiftSpec, result: ExperimentResult, released: VariantResult) -> _Pace | None:
    """The units and days of each phase in which the variant's own gain would be shown; None if not known.

    A two-sample z-test needs `(z[1 - alpha/2] + z[power])^2 (variance + variance) / gain^2` units an arm.
    A unit's variance is the number of units of the experiment times the squared standard error of a figure,
    whatever the figure is scaled to. A phase with the share s gives n s (1 - s) of the n / 4 of equal arms.
    """
    errors = [_standard_error(figure) for figure in (result.scale.status_quo, released.kpi)]
    gain = released.difference.value * result.kpi.direction.sign
    known = [error for error in errors if error]
    if gain <= 0 or len(known) < len(errors):
        return None
    quantiles = _NORMAL.inv_cdf(1 - ALPHA / 2) + _NORMAL.inv_cdf(POWER)
    per_arm = quantiles**2 * result.sample.units * sum(error**2 for error in known) / gain**2
    units = per_arm / 2 / sum(share * (1 - share) for share in _SHARES)
    if spec.period is None or spec.period.days is None:
        return _Pace(_rounded_up(units), WEEK)
    per_day = spec.period.rows / spec.period.days * result.sample.units / result.sample.rows
    return _Pace(_rounded_up(units), max(ceil(units / per_day / WEEK), 1) * WEEK)


def _standard_error(figure: Estimate) -> float | None:
    """Half of the 95 % interval in standard errors; None without an interval."""
    if figure.interval is None:
        return None
    low, high = figure.interval
    return (high - low) / 2 / _NORMAL.inv_cdf(0.975)


def _rounded_up(units: float) -> int:
    """A number of units with two significant digits."""
    step = int(10 ** max(len(str(ceil(units))) - 2, 0))
    return ceil(units / step) * step


def _phases(pace: _Pace | None) -> list[Values]:
    hold: Values = {"days": WEEK} if pace is None else {"days": pace.days, "units": pace.units}
    phases: list[Values] = [{"share": share, "hold": hold} for share in _SHARES]
    return [*phases, {"share": 1.0, "hold": {"days": WEEK}}]


def _split_test(spec: LiftSpec, metrics: Metrics) -> Values:
    """The rows of the split test, and the metrics of the proposal."""
    unit_id = spec.data.unit_id if spec.data else None
    measured: dict[str, Values] = {metrics.primary: {"of": TODO}}
    for rail in metrics.guardrail:
        if rail.share_of is not None:
            measured[rail.name] = {"of": TODO, "better": rail.better, "margin": rail.margin}
    scorers = [rail.name for rail in metrics.guardrail if rail.metric is not None]
    excluded = [*scorers, *(metric.metric for metric in metrics.secondary)]
    return {
        "source": _ROWS,
        "arm": {"column": TODO, "control": TODO, "treatment": TODO},
        **({"unit_id": unit_id} if unit_id else {}),
        "date": TODO,
        "metrics": measured,
        **({"not_measured": dict.fromkeys(excluded, _SCORER)} if excluded else {}),
    }


def _monitors(result: ExperimentResult, released: VariantResult, spec: LiftSpec) -> list[Values]:
    """The KPI a row within the interval of the report, and the guardrails within their margins.

    They watch the rows of the variant only, and a mean: how many rows a release sees depends on its phase.
    """
    kpi, interval = result.kpi, released.kpi.interval
    end = "lower" if kpi.direction is Direction.MAXIMISE else "upper"
    bound = released.kpi.value if interval is None else interval[0 if end == "lower" else 1]
    bound /= kpi.period_rows if kpi.kind in AMOUNTS else 1
    days = _period_days(spec) or 4 * WEEK
    rows = {"source": _ROWS, "of": TODO, "where": TODO, "date": TODO, "last_days": days}
    monitors: list[Values] = [{"name": kpi.name, "measure": "mean", **rows, end: _short(bound)}]
    for rail in result.guardrails:
        if rail.variant != released.name or rail.share_of is None or rail.status_quo is None:
            continue
        higher = rail.better == "higher"
        bound = rail.status_quo - rail.margin if higher else rail.status_quo + rail.margin
        within = {"lower" if higher else "upper": _short(bound)}
        monitors.append({"name": rail.name, "measure": "share", **rows, **within})
    return monitors


def _short(figure: float) -> float:
    """A figure with four significant digits."""
    return float(f"{figure:.4g}")
