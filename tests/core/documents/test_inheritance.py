"""A plan takes its rows from the assessment, and what it says differently is found, in each field."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from iterata.documents.fingerprint import plan_digest
from iterata.documents.models.inheritance import (
    IncompletePlan,
    complete_plan,
    inherited,
    missing,
    overrides,
)
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.proposal import Plan, ProposedPlan

KPI = {"kind": "targeting", "name": "sales", "unit": "sales", "budget": 0.2}
DATA: dict[str, Any] = {
    "source": "data/rows.csv",
    "made_by": "make data",
    "target": "bought",
    "positive": "yes",
    "unit_id": "household",
    "weights": {"base_rate": 0.02},
    "status_quo": {"column": "score", "label": "newest first"},
    "columns": {"household": "id", "price": {"number": {"decimal": ","}}},
    "known_after": ["complaints"],
}
"""An assessment that says everything."""
NEW: dict[str, Any] = {
    "split": {"kind": "stratified_folds", "folds": 3},
    "metrics": {"primary": "sales"},
    "features": {"all": ["*"]},
    "variants": [{"name": "a", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}],
    "hypotheses": [{"id": "H1", "claim": "It tells.", "supported_if": {"variant": "a"}}],
}
"""A plan that says only what is new."""
SET = ("source", "unit_id", "weights", "columns", "known_after")
IN_FULL = {
    "data": [{"name": "rows", **{key: DATA[key] for key in SET}}],
    "target": {"column": "bought", "positive": "yes", "made_by": "the till"},
    "status_quo": {"column": "score", "label": "another name"},
}
"""The same rows, described once more."""


def lift(**changes: Any) -> LiftSpec:
    data = {key: value for key, value in {**DATA, **changes}.items() if value is not None}
    return LiftSpec.model_validate({"kpi": KPI, "data": data})


ASSUMED = LiftSpec.model_validate(
    {"kpi": KPI, "assumptions": {"volume": 1000, "base_rate": 0.05, "status_quo": {"capture": 0.3}}}
)


def plan(**changes: Any) -> ProposedPlan:
    return ProposedPlan.model_validate({**NEW, **changes})


def data(**changes: Any) -> ProposedPlan:
    return plan(data=[changes])


def test_plan_without_rows_takes_them_all() -> None:
    complete = complete_plan(plan(), lift())
    (rows,) = complete.data
    taken = rows.model_dump(mode="json", exclude_none=True, exclude={"name"})
    expected = lift().data
    assert expected is not None
    assert taken == expected.model_dump(
        mode="json", exclude_none=True, exclude={"target", "positive", "status_quo"}
    )
    assert (complete.target.column, complete.target.positive) == ("bought", "yes")
    assert (complete.status_quo.column, complete.status_quo.label) == ("score", "newest first")
    assert overrides(plan(), lift()) == []


def test_plan_in_full_inherits_nothing_and_keeps_its_digest() -> None:
    in_full = plan(**IN_FULL)
    assert inherited(in_full, lift()) == {}
    assert overrides(in_full, lift()) == []
    raw = {**NEW, **IN_FULL}
    assert plan_digest(raw, inherited(in_full, lift())) == plan_digest(raw)
    assert complete_plan(in_full, lift()).status_quo.label == "another name"


@pytest.mark.parametrize("left_out", SET)
def test_each_key_of_the_data_is_taken_by_itself(left_out: str) -> None:
    stated = {key: DATA[key] for key in SET if key != left_out}
    partly = plan(**{**IN_FULL, "data": [stated]})
    assert set(inherited(partly, lift())) == {left_out}
    assert overrides(partly, lift()) == []
    assert complete_plan(partly, lift()).data[0].model_dump(exclude={"made_by", "digest"}) == complete_plan(
        plan(**IN_FULL), lift()
    ).data[0].model_dump(exclude={"made_by", "digest"})


@pytest.mark.parametrize(
    ("left_out", "key"), [("column", "target"), ("positive", "positive"), ("status_quo", "status_quo")]
)
def test_target_and_status_quo_are_taken_by_themselves(left_out: str, key: str) -> None:
    target = {name: value for name, value in IN_FULL["target"].items() if name != left_out}  # type: ignore[attr-defined]
    changes = {**IN_FULL, "target": target}
    changes.pop(left_out, None)
    assert set(inherited(plan(**changes), lift())) == {key}


@pytest.mark.parametrize(
    ("written", "field"),
    [
        (data(source="data/other.csv"), ("plan", "data", 0, "source")),
        (data(query="SELECT * FROM 'data/rows.csv'"), ("plan", "data", 0, "query")),
        (data(unit_id="customer"), ("plan", "data", 0, "unit_id")),
        (data(unit_id=None), ("plan", "data", 0, "unit_id")),
        (data(blocks={"column": "day", "length": 7}), ("plan", "data", 0, "blocks")),
        (data(weights={"base_rate": 0.03}), ("plan", "data", 0, "weights")),
        (data(weights={"column": "weight"}), ("plan", "data", 0, "weights")),
        (data(weights=None), ("plan", "data", 0, "weights")),
        (data(columns={"household": "number"}), ("plan", "data", 0, "columns", "household")),
        (data(columns={"price": "number"}), ("plan", "data", 0, "columns", "price")),
        (data(columns={}), ("plan", "data", 0, "columns")),
        (data(known_after=[]), ("plan", "data", 0, "known_after")),
        (data(known_after=["other"]), ("plan", "data", 0, "known_after")),
        (plan(target={"column": "kept", "made_by": "x"}), ("plan", "target", "column")),
        (plan(target={"positive": "no", "made_by": "x"}), ("plan", "target", "positive")),
        (plan(status_quo={"column": "other"}), ("plan", "status_quo")),
        (plan(status_quo={"rule": "score"}), ("plan", "status_quo")),
        (plan(status_quo={"constant": 0}), ("plan", "status_quo")),
        (plan(target={"positive": ["yes", "y"], "made_by": "x"}), ("plan", "target", "positive")),
        (plan(target={"negative": "*", "made_by": "x"}), ("plan", "target", "negative")),
        (plan(status_quo={"column": "score", "stop_below": 1}), ("plan", "status_quo")),
    ],
)
def test_contradiction_is_found_at_its_field(written: ProposedPlan, field: tuple[str | int, ...]) -> None:
    (override,) = overrides(written, lift())
    assert override.field == field
    assert override.assessment != override.plan


@pytest.mark.parametrize(
    ("assessment", "written"),
    [
        ({}, data(source="data//rows.csv")),
        ({}, data(columns={"household": "id", "new feature": "number"})),
        ({}, data(known_after=["complaints", "new column"])),
        ({"source": None, "query": "SELECT * FROM 'r.csv'"}, data(query="SELECT *\n  FROM 'r.csv'")),
        ({"status_quo": {"rule": "a * 2"}}, plan(status_quo={"rule": " a *\n 2", "label": "today"})),
        ({"positive": 1}, plan(target={"positive": "1", "made_by": "x"})),
        ({"positive": 1}, plan(target={"positive": 1.0, "made_by": "x"})),
        ({"positive": True}, plan(target={"positive": "yes", "made_by": "x"})),
        ({"positive": "no"}, plan(target={"positive": False, "made_by": "x"})),
    ],
)
def test_same_value_in_another_spelling_is_no_contradiction(
    assessment: dict[str, Any], written: ProposedPlan
) -> None:
    assert overrides(written, lift(**assessment)) == []


@pytest.mark.parametrize(("one", "other"), [("yes", "Yes"), ("01", "1"), (True, "no"), (1, 0)])
def test_positive_values_that_select_other_rows_differ(one: Any, other: Any) -> None:
    assert overrides(plan(target={"positive": other, "made_by": "x"}), lift(positive=one))


def test_blocks_and_a_unit_replace_each_other() -> None:
    blocks = {"column": "day", "length": 7}
    by_blocks = complete_plan(data(blocks=blocks), lift()).data[0]
    assert (by_blocks.unit_id, by_blocks.blocks is None) == (None, False)
    by_unit = complete_plan(data(unit_id="household"), lift(unit_id=None, blocks=blocks)).data[0]
    assert (by_unit.unit_id, by_unit.blocks) == ("household", None)
    assert inherited(plan(), lift(unit_id=None, blocks=blocks))["blocks"] == blocks


def test_null_says_that_there_is_none() -> None:
    rows = complete_plan(data(unit_id=None, weights=None, columns={}, known_after=[]), lift()).data[0]
    assert (rows.unit_id, rows.weights, rows.columns, rows.known_after) == (None, None, {}, [])
    assert rows.source == "data/rows.csv"


def test_other_data_has_a_command_of_its_own() -> None:
    assert complete_plan(data(source="data/other.csv"), lift()).data[0].made_by is None
    assert complete_plan(data(source="data/rows.csv"), lift()).data[0].made_by == "make data"


def test_further_columns_are_added_to_the_declared_ones() -> None:
    rows = complete_plan(data(columns={"day": "date"}), lift()).data[0]
    assert sorted(rows.columns) == ["day", "household", "price"]


def test_assumptions_leave_the_rows_to_the_plan() -> None:
    assert [lacking.field[1] for lacking in missing(plan(), ASSUMED)] == ["data", "target", "status_quo"]
    partly = plan(data=[{"unit_id": "household"}], target={"made_by": "x"})
    assert [lacking.field[1] for lacking in missing(partly, ASSUMED)] == ["data", "target", "status_quo"]
    with pytest.raises(IncompletePlan):
        complete_plan(partly, ASSUMED)
    complete = complete_plan(plan(**IN_FULL), ASSUMED)
    assert isinstance(complete, Plan)
    assert (overrides(plan(**IN_FULL), ASSUMED), inherited(plan(**IN_FULL), ASSUMED)) == ([], {})
    assert complete.target.positive == "yes"
    undefined = complete_plan(plan(**{**IN_FULL, "target": {"column": "b", "made_by": "x"}}), ASSUMED)
    assert undefined.target.positive == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "data/other.csv"},
        {"target": "kept"},
        {"positive": "no"},
        {"unit_id": None},
        {"weights": None},
        {"status_quo": {"column": "other"}},
        {"columns": {"household": "id"}},
        {"known_after": None},
    ],
    ids=str,
)
def test_amended_assessment_changes_the_digest_of_what_inherits(changed: dict[str, Any]) -> None:
    digests = {plan_digest(NEW, inherited(plan(), spec)) for spec in (lift(), lift(**changed))}
    assert len(digests) == 2
    raw = {**NEW, **IN_FULL}
    in_full = {plan_digest(raw, inherited(plan(**IN_FULL), spec)) for spec in (lift(), lift(**changed))}
    assert len(in_full) == 1


@pytest.mark.parametrize("renamed", [{"made_by": "make it"}, {"status_quo": {"column": "score"}}], ids=str)
def test_digest_does_not_depend_on_labels_and_commands(renamed: dict[str, Any]) -> None:
    digests = {plan_digest(NEW, inherited(plan(), spec)) for spec in (lift(), lift(**renamed))}
    assert len(digests) == 1


def test_digest_of_the_rows_is_for_a_plan_without_data() -> None:
    digest = f"sha256:{'1' * 64}"
    assert complete_plan(plan(data_digest=digest), lift()).data[0].digest == digest
    with pytest.raises(ValidationError):
        plan(data_digest=digest, data=[{"source": "data/rows.csv"}])


def test_complete_plan_needs_rows() -> None:
    with pytest.raises(ValidationError):
        Plan.model_validate({**NEW, **IN_FULL, "data": [{"name": "rows"}]})
