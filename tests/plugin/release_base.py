"""A release of the small knowledge base: its deployment and the results of its split test."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from iterata.documents.models.enums import Advice, Requirement
from iterata.knowledge import ReleaseView, read
from iterata.repository.config import load
from iterata.repository.projects import Repository
from iterata.results import Estimate, Provenance
from iterata.results.monitors import MonitorEntry, MonitorSeries, MonitorVerdict, series_text
from iterata.results.rollout import (
    ArmUnits,
    Effect,
    ExpectedGain,
    Health,
    HoldState,
    MetricReading,
    PhaseUnits,
    Realised,
    RolloutResult,
    SampleRatio,
)

from .conftest import KPI

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PLACE = "projects/newsletter/01-setup"
DEPLOYMENT = """\
---
stage: deployment
title: The model chooses the readers
status: {status}
owners: [data science, engineering]
variant: logistic
checklist:
  quality_assurance: {{state: done}}
  split_test: {{state: done}}
  phased_rollout: {{state: done}}
  simulation: {{state: not_needed, note: the data are its past}}
phases:
  - {{share: 0.1, hold: {{days: 14}}, started: 2026-04-01, ended: 2026-04-15}}
  - share: 0.25
    hold: {{days: 14, units: 20000, approval: product}}
    started: 2026-04-15
{override}  - {{share: 0.5, hold: {{days: 14}}}}
  - {{share: 1}}
monitors:
  - {{name: opened, source: the dashboard, lower: 0.05}}
{more}---

# The model chooses the readers

As [the report](report.md) recommends.
"""
OVERRIDE = (
    "    ended: 2026-04-29\n"
    "    override: {on: 2026-04-29, by: product, advice: hold, reason: The summer issue cannot wait.}\n"
)
REVERT = "revert: {on: 2026-04-25, why: 'Unsubscribed twice as often as before: 0.8 % instead of 0.4 %.'}\n"
EARLIER = """\
earlier:
  - variant: boosted
    phases: [{share: 0.1, started: 2026-02-01, ended: 2026-02-20, conclusion: Fewer opened than before.}]
    revert: {on: 2026-02-20, why: Letters arrived twice.}
"""
SCALE = 5000.0
"""From a difference of the primary metric, issues opened a reader, to issues a period."""


def estimate(value: float, spread: float | None) -> Estimate:
    ends = {} if spread is None else {"low": value - spread, "high": value + spread}
    return Estimate(value=value, **ends)


def effect(difference: float, spread: float) -> Effect:
    return Effect(
        control=0.05,
        treatment=0.05 + difference,
        difference=estimate(difference, spread),
        standard_error=spread / 1.96,
        relative=estimate(difference / 0.05, spread / 0.05),
        p_value=0.01,
    )


def units(share: float, first: date, days: int, control: int, *, off: bool = False) -> PhaseUnits:
    ratio = SampleRatio(
        expected=0.5, chi_square=1.2, p_value=1e-6 if off else 0.27, limit=0.00025, is_off=off
    )
    treated = control + (800 if off else 12)
    return PhaseUnits(
        share=share,
        units=ArmUnits(control=control, treatment=treated),
        first_day=first,
        last_day=first + timedelta(days=days - 1),
        sample_ratio=ratio,
    )


def rollout(
    differences: Sequence[tuple[float, float, float]],
    total: tuple[float, float],
    *,
    advice: Advice = Advice.HOLD,
    health: Sequence[Health] = (),
    off: bool = False,
    better: str = "higher",
) -> RolloutResult:
    """A result: each phase's share, difference and half width, and those of all phases."""
    sign = 1 if better == "higher" else -1
    value, spread = total
    sequential = estimate(sign * value, spread)
    primary = MetricReading(
        name="issues opened", role="primary", method="mean", better=better,
        phases=[(share, effect(sign * difference, width)) for share, difference, width in differences],
        total=effect(sign * value, spread * 0.8), sequential=sequential,
        state="better" if value > spread else "worse" if value < -spread else "inconclusive",
    )  # fmt: skip
    complaints = MetricReading(
        name="unsubscribed", role="guardrail", method="proportion", better="lower", margin=0.002,
        phases=[], total=effect(0.0004, 0.0006), sequential=estimate(0.0004, 0.0009), state="not_worse",
    )  # fmt: skip
    gain = estimate(SCALE * value, SCALE * spread)
    days = [date(2026, 4, 1), date(2026, 4, 15), date(2026, 4, 29)]
    return RolloutResult(
        phase=differences[-1][0],
        spec_digest=f"sha256:{'0' * 64}",
        variant="logistic",
        kpi=KPI,
        alpha=0.05,
        phases=[
            units(share, day, 14, 3000 + 2000 * place, off=off)
            for place, ((share, _, _), day) in enumerate(zip(differences, days, strict=False))
        ],
        metrics=[primary, complaints],
        realised=Realised(
            gain=gain,
            potential_lift=estimate(260, 20),
            share_of_potential=estimate(gain.value / 260, SCALE * spread / 260),
            expected=[
                ExpectedGain(source="assessment", gain=estimate(84, None)),
                ExpectedGain(source="report", gain=estimate(60, 20)),
            ],
            selection=estimate(52, 24),
        ),
        hold=HoldState(days=9, days_needed=14, units=10_012, units_needed=20_000, until=date(2026, 4, 29)),
        requires=Requirement.NO_HARM,
        health=list(health),
        advice=advice,
        reason="14 days are not over yet: 9 of 14, since 2026-04-15; 9,988 more units are needed.",
        provenance=Provenance(commit=None, dirty=False, data={}, packages={}, python="3.11"),
    )


FIRST = rollout([(0.1, 0.012, 0.014)], (0.012, 0.02), advice=Advice.ADVANCE)
SECOND = rollout([(0.1, 0.012, 0.014), (0.25, 0.0085, 0.0065)], (0.0095, 0.0075))


def release(
    base: Path,
    *results: RolloutResult,
    status: str = "rolling_out",
    more: str = "",
    override: str = "",
) -> None:
    """Write the deployment of the first iteration, and the results of its split test."""
    text = DEPLOYMENT.format(status=status, more=more, override=override)
    (base / PLACE / "deployment.md").write_text(text, "utf-8")
    for result in results:
        path = base / PLACE / f"results/rollout-{100 * result.phase:g}.json"
        path.write_text(result.model_dump_json(exclude_none=False), "utf-8")


def release_in(base: Path) -> ReleaseView:
    """The release of the first iteration."""
    found = read(Repository.on_disk(load(base))).projects[0].iterations[0].release
    assert found is not None
    return found


def edit(base: Path, old: str, new: str) -> None:
    """Replace a part of the deployment."""
    path = base / PLACE / "deployment.md"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


FINE, UNKNOWN, REGRESSION = MonitorVerdict.FINE, MonitorVerdict.UNKNOWN, MonitorVerdict.REGRESSION
START = date(2026, 4, 1)
DECLARED = "monitors:\n  - {name: opened, source: the dashboard, lower: 0.05}\n"
MONITORS = """\
monitors:
  - {name: opened, source: data/opens.csv, measure: mean, of: opened, date: day, last_days: 28, lower: 0.05}
  - {name: letters, source: data/opens.csv, measure: count, lower: 500, upper: 6000}
  - {name: latency, source: the dashboard, upper: 200}
"""


def entry(value: float | None, verdict: MonitorVerdict = FINE, spread: float | None = None) -> MonitorEntry:
    if value is None:
        return MonitorEntry(verdict=UNKNOWN, reason="data/opens.csv: there is no such file")
    ends = {} if spread is None else {"low": value - spread, "high": value + spread}
    return MonitorEntry(verdict=verdict, value=value, rows=500, **ends)


def record(base: Path, entries: Mapping[int, MonitorEntry], name: str = "opened") -> None:
    """Declare the monitors, and record one of them on some days after the first phase began."""
    path = base / PLACE / "deployment.md"
    path.write_text(path.read_text("utf-8").replace(DECLARED, MONITORS), "utf-8")
    days = {START + timedelta(days=day): {name: entries[day]} for day in sorted(entries, reverse=True)}
    (base / PLACE / "results/monitors.json").write_text(series_text(MonitorSeries(days=days)), "utf-8")
