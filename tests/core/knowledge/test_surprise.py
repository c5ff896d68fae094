"""Results against what was expected of them, in standard errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import hypot
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iterata import knowledge
from iterata.documents import blocks
from iterata.documents.models.enums import Verdict
from iterata.knowledge import Gains, Knowledge
from iterata.knowledge.surprise import Direction, Expectation, Quarter, surprises
from iterata.render.experiment.tables import render
from iterata.results import Estimate, GoodModel
from iterata.results.rollout import Effect
from iterata.results.store import to_json

from ...helpers import samples
from ...helpers.releases import planned_release, result_of

if TYPE_CHECKING:
    from iterata.results import LiftResult

    from ...helpers.knowledge_base import KnowledgeBase

DONE = """
    {project}
      requirements: approved
      01-setup
        assessment: approved
        proposal: approved
        experiment: completed
        experiment.json
        report: {status}
"""
ERROR = 10 / (2 * 1.959964)
"""Of a figure from 5 less to 5 more."""


def grown(base: KnowledgeBase, project: str, on: str = "2026-03-02", status: str = "approved") -> None:
    """A project whose hypothesis requires 5 and measured 20, from 15 to 25."""
    base.grow(DONE.format(project=project, status=status))
    if status == "approved":
        base.set(f"{project}/01-setup/report", "approvals", [{"role": "product", "on": on}])


def measured(base: KnowledgeBase, project: str, **changes: Any) -> None:
    """Change the experiment's result, and the tables of its report."""
    result = samples.experiment(base.parsed(f"{project}/01-setup/proposal").data["plan"])
    hypothesis = result.hypotheses[0].model_copy(update=changes.pop("hypothesis", {}))
    changed = result.model_copy(update={"hypotheses": [hypothesis], **changes})
    base.write(f"projects/{project}/01-setup/results/experiment.json", to_json(changed))
    report = f"projects/{project}/01-setup/report.md"
    base.write(report, blocks.replace(base.read(report), "experiment", render(changed)))


def read(base: KnowledgeBase) -> Knowledge:
    return knowledge.read(base.repository)


def test_measured_against_required_difference(base: KnowledgeBase) -> None:
    grown(base, "churn")
    (entry,) = surprises(read(base)).compared
    assert (entry.expectation, entry.name, entry.verdict) == (Expectation.REQUIRED, "H1", Verdict.SUPPORTED)
    assert entry.z == pytest.approx((20 - 5) / ERROR)
    assert (entry.direction, entry.is_notable, entry.is_provisional) == (Direction.BETTER, True, False)
    assert (entry.day, entry.quarter) == (date(2026, 3, 2), Quarter(2026, 1))
    assert entry.unit == read(base).iterations[0].experiment.kpi.scaled_unit  # type: ignore[union-attr]


def test_best_variant_against_a_good_model(base: KnowledgeBase) -> None:
    grown(base, "churn")
    measured(base, "churn", expected=GoodModel(kpi=110, gain=24, captured_share=None))
    found = {entry.expectation: entry for entry in surprises(read(base)).compared}
    entry = found[Expectation.GOOD_MODEL]
    assert (entry.name, entry.expected, entry.measured.value) == ("logistic", 24, 20)
    assert entry.z == pytest.approx(-4 / ERROR)
    assert (entry.direction, entry.is_notable) == (Direction.WORSE, False)


@pytest.mark.parametrize("measured_gain", [Estimate(value=20), Estimate(value=20, low=20, high=20)])
def test_figure_without_a_standard_error_is_not_compared(
    base: KnowledgeBase, measured_gain: Estimate
) -> None:
    grown(base, "churn")
    measured(base, "churn", hypothesis={"difference": measured_gain})
    found = surprises(read(base))
    assert found.compared == ()
    assert [(entry.expectation, entry.name) for entry in found.not_compared] == [(Expectation.REQUIRED, "H1")]


def test_newest_quarter_first_and_then_the_largest_distance(base: KnowledgeBase) -> None:
    for project, on, value in (("a", "2026-01-01", 90), ("b", "2026-06-30", 6), ("c", "2026-04-01", -30)):
        grown(base, project, on)
        shift = Estimate(value=value, low=value - 5, high=value + 5)
        measured(base, project, hypothesis={"difference": shift})
    grown(base, "d", status="draft")
    base.set("d/01-setup/experiment", "ended", "2025-12-31")
    compared = surprises(read(base)).compared
    assert [entry.iteration.project for entry in compared] == ["c", "b", "a", "d"]
    assert [entry.quarter for entry in compared] == [
        Quarter(2026, 2),
        Quarter(2026, 2),
        Quarter(2026, 1),
        Quarter(2025, 4),
    ]
    assert [entry.is_provisional for entry in compared] == [False, False, False, True]
    assert [entry.iteration.project for entry in surprises(read(base)).notable] == ["c", "a", "d"]


class _OnlyLift(NamedTuple):
    """The results of an iteration without an experiment."""

    lift_result: LiftResult | None
    experiment_result: None = None


@pytest.mark.parametrize("margin", [2, None])
def test_realised_against_expected_and_offline(base: KnowledgeBase, margin: float | None) -> None:
    """The interval of all rows, which does not allow for repeated looks, is used if there is one."""
    planned_release(base)
    result_of(base, 0.1)
    read_model = read(base)
    (iteration,) = (entry for entry in read_model.iterations if entry.release)
    release = iteration.release
    assert release is not None
    assert release.newest is not None
    difference = Estimate(value=8, low=8 - (margin or 0), high=8 + (margin or 0))
    effect = Effect(control=0, treatment=8, difference=difference, standard_error=1)
    primary = release.newest.metrics[0].model_copy(update={"total": effect if margin else None})
    gains = Gains(
        expected=Estimate(value=12),
        offline=Estimate(value=30),
        selected=Estimate(value=20, low=15, high=25),
        realised=Estimate(value=8, low=3, high=13),
    )
    newest = release.newest.model_copy(update={"metrics": [primary]})
    changed = replace(
        iteration, release=replace(release, gains=gains, newest=newest), results=_OnlyLift(iteration.lift)
    )
    project = replace(read_model.projects[0], iterations=(changed,))
    found = {entry.expectation: entry.z for entry in surprises(Knowledge((project,))).compared}
    error = ERROR * (margin or 5) / 5
    assert found == {
        Expectation.ASSESSED: pytest.approx((8 - 12) / error),
        Expectation.OFFLINE: pytest.approx((8 - 20) / hypot(error, ERROR)),
    }
