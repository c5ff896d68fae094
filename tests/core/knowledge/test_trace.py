"""From business hypotheses to monitors, holes first; and what plans tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.enums import Verdict
from iterata.knowledge.trace import Hole, LinkKind, Trace, trace
from iterata.knowledge.tried import Changed, algorithms, tried
from iterata.stages import IterationKind

from ...helpers.written_base import WrittenBase

if TYPE_CHECKING:
    from pathlib import Path


BELIEFS = [
    {"id": "B1", "statement": "Older readers renew their subscriptions by letter."},
    {"id": "B2", "statement": "Prices decide."},
    {"id": "B10", "statement": "TODO: the belief"},
]
DECISION = {"outcome": "deploy", "by": [{"role": "product"}], "on": "2026-03-03", "why": "It pays."}
ANSWER = {"id": "H1", "verdict": "supported", "interpretation": "So it is."}
EVIDENCE = {"F1": {"evidence": "results/experiment.json, H1"}}
MONITOR = {"name": "kept", "source": "data/kept.csv", "measure": "count", "lower": 10}


@pytest.fixture
def written(tmp_path: Path) -> WrittenBase:
    written = WrittenBase(tmp_path)
    written.document("news/requirements", "approved", hypotheses=BELIEFS)
    return written


def plan(written: WrittenBase, *claims: str, status: str = "approved", **more: Any) -> None:
    """A plan with hypotheses by their claims; the first one also has `more`."""
    hypotheses = [
        {"id": f"H{number}", "claim": claim, "supported_if": {"variant": "logistic"}}
        for number, claim in enumerate(claims, 1)
    ]
    hypotheses[0] |= more
    written.document("news/01-a/proposal", status, plan={"hypotheses": hypotheses})


def traced(written: WrittenBase) -> Trace:
    (project,) = written.read().projects
    return trace(project)


def test_untested_belief_is_the_first_line(written: WrittenBase) -> None:
    plan(written, "Prices decide.", tests=["B2"])
    found = traced(written)
    assert [(line.id, line.hole) for line in found.lines] == [
        ("B1", Hole.UNTESTED),
        ("B2", Hole.NO_RESULT),
    ]
    assert [line.id for line in found.untested] == ["B1"]


@pytest.mark.parametrize("claim", ["Prices decide (B2).", "B2: prices decide", "Against B2"])
def test_claim_that_names_a_belief_tests_it(written: WrittenBase, claim: str) -> None:
    plan(written, claim)
    (line,) = (line for line in traced(written).lines if line.id == "B2")
    assert [(test.hypothesis.id, test.link) for test in line.tests] == [("H1", LinkKind.NAMED)]


@pytest.mark.parametrize("claim", ["Prices decide (B20).", "B2-like prices decide", "AB2", "b2"])
def test_other_words_name_no_belief(written: WrittenBase, claim: str) -> None:
    plan(written, claim, tests=["B7"])
    found = traced(written)
    assert [line.hole for line in found.lines] == [Hole.UNTESTED, Hole.UNTESTED]
    assert len(found.unlinked) == 1


def test_untested_belief_shows_what_resembles_it_and_where_it_is_mentioned(written: WrittenBase) -> None:
    plan(written, "Trees tell more.", "Older readers renew by letter, others by phone.")
    written.document("news/01-a/assessment", "approved", prose="B1 is what the status quo rests on.")
    first, second = traced(written).lines
    assert first.resembling is not None
    assert (first.resembling.iteration.name, first.resembling.hypothesis.id) == ("01-a", "H2")
    assert first.mentions == ("projects/news/01-a/assessment.md",)
    assert (second.resembling, second.mentions) == (None, ())


def test_abandoned_plan_tests_nothing(written: WrittenBase) -> None:
    plan(written, "Prices decide (B2).", status="abandoned")
    assert traced(written).lines[1].hole is Hole.ABANDONED


STEPS = (
    (Hole.NO_RESULT, {}),
    (Hole.NO_FINDING, {"hypotheses": [ANSWER]}),
    (Hole.NO_DECISION, {"hypotheses": [ANSWER], "findings": EVIDENCE}),
    (Hole.NOT_RELEASED, {"hypotheses": [ANSWER], "findings": EVIDENCE, "decision": DECISION}),
    (
        Hole.NONE,
        {"hypotheses": [ANSWER], "findings": EVIDENCE, "decision": {**DECISION, "outcome": "stop"}},
    ),
)


@pytest.mark.parametrize(("hole", "values"), STEPS)
def test_first_missing_link_is_the_hole(written: WrittenBase, hole: Hole, values: dict[str, Any]) -> None:
    plan(written, "Prices decide (B2).")
    given = dict(values)
    written.report("news/01-a", given.pop("findings", {}), **given)
    assert traced(written).lines[1].hole is hole


def test_release_needs_a_recorded_day_of_a_monitor(written: WrittenBase) -> None:
    plan(written, "Prices decide (B2).")
    written.report("news/01-a", EVIDENCE, hypotheses=[ANSWER], decision=DECISION)
    written.document("news/01-a/deployment", "rolling_out", variant="logistic", monitors=[MONITOR])
    assert traced(written).lines[1].hole is Hole.NOT_WATCHED
    series = '{"kind": "monitors", "days": {"2026-05-01": {"kept": {"verdict": "fine"}}}}'
    (written.root / "projects/news/01-a/results").mkdir()
    (written.root / "projects/news/01-a/results/monitors.json").write_text(series, "utf-8")
    (test,) = traced(written).lines[1].tests
    assert (test.hole, test.monitors) == (Hole.NONE, ("kept",))
    assert [finding.id for finding in test.findings] == ["F1"]


def test_test_that_came_furthest_decides(written: WrittenBase) -> None:
    plan(written, "Prices decide (B2).", "They decide everything (B2).")
    written.report("news/01-a", EVIDENCE, hypotheses=[ANSWER])
    line = traced(written).lines[1]
    assert line.hole is Hole.NO_DECISION
    assert [test.hypothesis.id for test in line.tests] == ["H1", "H2"]


LINEAR = "sklearn.linear_model.LogisticRegression"
TREES = "sklearn.ensemble.HistGradientBoostingClassifier"


def compare(written: WrittenBase, name: str, variants: list[dict[str, Any]], **values: Any) -> None:
    """An iteration whose plan compares its second variant with its first."""
    hypothesis = {
        "id": "H1",
        "claim": "It tells.",
        "supported_if": {"variant": variants[1]["name"], "over": variants[0]["name"]},
    }
    begins = {"kind": values.pop("kind", "setup"), "follows": values.pop("follows", None)}
    document = {"variants": variants, "hypotheses": [hypothesis], **values}
    written.document(f"news/{name}/proposal", "approved", iteration=begins, plan=document)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"estimator": TREES},
            (Changed.ALGORITHM, "LogisticRegression", "HistGradientBoostingClassifier"),
        ),
        ({"features": "few"}, (Changed.FEATURES, "all", "few")),
        ({"params": {"C": 2, "tol": 1}}, (Changed.SETTINGS, "C 1", "C 2, tol 1")),
        ({"text": {"ngram_range": [1, 2]}}, (Changed.SETTINGS, "defaults", "ngram_range [1, 2]")),
    ],
)
def test_change_of_a_variant_against_another(
    written: WrittenBase, change: dict[str, Any], expected: tuple[object, ...]
) -> None:
    first = {"name": "one", "estimator": LINEAR, "params": {"C": 1}, "features": "all"}
    compare(written, "01-a", [first, {**first, "name": "two", **change}])
    (entry,) = tried(written.read())
    assert (entry.variant, entry.over, entry.kind) == ("two", "one", IterationKind.SETUP)
    assert entry.changes == (expected,)


def test_other_data_than_the_iteration_that_it_follows(written: WrittenBase) -> None:
    variants = [{"name": "one", "estimator": LINEAR, "features": "all"}]
    variants.append({**variants[0], "name": "two", "features": "few"})
    compare(written, "01-a", variants, data=[{"source": "data/old.csv"}])
    compare(written, "02-a", variants, data=[{"source": "data/new.csv"}], kind="data", follows="01-a")
    written.report("news/02-a", {}, "2026-05-05", hypotheses=[ANSWER])
    first, second = tried(written.read())
    assert [change.what for change in first.changes] == [Changed.FEATURES]
    assert second.changes[1] == (Changed.DATA, "data/old.csv", "data/new.csv")
    assert (first.verdict, first.is_provisional) == (None, True)
    assert (second.verdict, second.is_provisional) == (Verdict.SUPPORTED, False)


def test_rows_of_an_inherited_assessment_are_the_data_of_a_plan(written: WrittenBase) -> None:
    lift = {"data": {"source": "data/old.csv"}}
    written.document("news/01-a/assessment", "approved", iteration={"kind": "setup"}, lift=lift)
    begins = {"kind": "feature", "follows": "01-a", "inherits_assessment": "01-a"}
    variants = [{"name": "rules", "command": ["Rscript", "rules.R"]}, {"name": "file", "source": "out.csv"}]
    written.document("news/02-a/proposal", "draft", iteration=begins, plan={"variants": variants})
    entries = tried(written.read())
    assert [(entry.algorithm, entry.data, entry.over) for entry in entries] == [
        ("Rscript rules.R", "data/old.csv", "status quo"),
        ("out.csv", "data/old.csv", "status quo"),
    ]
    assert algorithms(entries[0].iteration) == ("Rscript rules.R", "out.csv")
    assert {entry.changes[0].what for entry in entries} == {Changed.MODEL}
