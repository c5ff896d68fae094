"""Calls of `iterata.lift` whose arguments do not fit together, and what their refusals say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.data.refusals import (
    AlwaysPositive,
    MissingColumn,
    MissingValues,
    NeverPositive,
    NoRows,
    NotFinite,
    TextInsteadOfNumbers,
    ZeroWeights,
)
from iterata.errors import DataError, Location
from iterata.kpi import describe
from iterata.lift import expected_lift, lift_from_assumptions

if TYPE_CHECKING:
    from ...helpers.golden import Golden

MAIL = describe("targeting", budget=0.2, unit="policies")
VALID: dict[str, Any] = {"target": [0, 1, 0, 1], "status_quo": [1, 2, 3, 4], "kpi": MAIL}
RANKING = describe("ranking", measure="ndcg", k=2)
DECISIONS = describe("outcome_value", values={"tp": 1, "fp": -1, "fn": 0, "tn": 0})

REFUSED_CALLS: dict[str, tuple[dict[str, Any], type[DataError]]] = {
    "always_positive": ({"target": [1, 1, 1, 1]}, AlwaysPositive),
    "missing_target": ({"target": [0, 1, None, 1]}, MissingValues),
    "never_positive": ({"target": [0, 2, 0, 2]}, NeverPositive),
    "other_number_of_rows": ({"status_quo": [1, 2, 3]}, DataError),
    "other_number_of_rows_than_frame": ({"frame": {"a": [1, 2]}}, DataError),
    "no_rows": ({"target": [], "status_quo": []}, NoRows),
    "single_value_as_target": ({"target": 3}, DataError),
    "two_columns_as_status_quo": ({"status_quo": np.ones((4, 2))}, DataError),
    "name_without_frame": ({"target": "bought"}, DataError),
    "infinite_status_quo": ({"status_quo": [1, 2, float("inf"), 4]}, NotFinite),
    "missing_status_quo": ({"status_quo": [1, 2, None, 4]}, NotFinite),
    "text_as_status_quo": ({"status_quo": list("abcd")}, TextInsteadOfNumbers),
    "missing_column_of_rule": ({"status_quo": "income > 3"}, MissingColumn),
    "missing_column_of_frame": (
        {"frame": {"bought": [0, 1, 0, 1]}, "target": "bougt", "status_quo": 1}, MissingColumn
    ),
    "irrelevant_everywhere": ({"kpi": RANKING, "group": [1, 1, 2, 2], "target": [0, 0, 0, 0]}, DataError),
    "threshold": ({"kpi": DECISIONS, "status_quo": [18, 22, 30, 41]}, DataError),
    "ranking_without_group": ({"kpi": RANKING}, DataError),
    "group_without_ranking": ({"group": [1, 1, 2, 2]}, DataError),
    "single_unit": ({"unit_id": [1, 1, 1, 1]}, DataError),
    "missing_unit": ({"unit_id": [1, 1, None, 1]}, MissingValues),
    "negative_weight": ({"weights": [1, 1, -1, 1]}, DataError),
    "zero_weights": ({"weights": [0, 0, 0, 0]}, ZeroWeights),
}  # fmt: skip


def refusal(**changes: Any) -> DataError:
    """The error of a call with these changes to valid arguments."""
    arguments = {**VALID, **changes}
    with pytest.raises(DataError) as caught:
        expected_lift(arguments.pop("target"), arguments.pop("status_quo"), arguments.pop("kpi"), **arguments)
    return caught.value


@pytest.mark.parametrize("name", REFUSED_CALLS)
def test_arguments_that_do_not_fit_are_refused(golden: Golden, name: str) -> None:
    changes, kind = REFUSED_CALLS[name]
    error = refusal(**changes)
    assert isinstance(error, kind)
    golden.check(f"call_{name}", str(error))


@pytest.mark.parametrize(
    "changes",
    [
        {"status_quo": "__import__('os')"},
        {"status_quo": {"volume": 3}},
        {"kpi": {"kind": "targeting"}},
        {"kpi": {"kind": "targetting"}},
        {"kpi": describe("targeting", budget=5)},
        {"base_rate": 1},
        {"period": 0},
        {"period": 3.5},
        {"project_cost": -3},
        {"worth": (3, "")},
        {"resamples": 3},
    ],
    ids=str,
)
def test_descriptions_that_an_assessment_may_not_hold_are_refused(changes: dict[str, Any]) -> None:
    assert refusal(**changes).remedy


@pytest.mark.parametrize(
    ("argument", "changes"),
    [
        ("target", {"target": 3}),
        ("status_quo", {"status_quo": [1, 2, 3]}),
        ("group", {"group": [1, 1, 2, 2]}),
        ("frame", {"frame": 3}),
    ],
)
def test_refusal_names_the_argument(argument: str, changes: dict[str, Any]) -> None:
    assert refusal(**changes).location == Location(argument)


@pytest.mark.parametrize(
    "changes",
    [
        {"base_rate": 6},
        {"base_rate": (0.3, 0.1)},
        {"status_quo": {"recall": 0.3}},
        {"status_quo": {}},
        {"period": None},
        {"values": {"tp": 3}},
        {"kpi": describe("metric", metric="roc_auc")},
        {"base_rate": (0.1, 0.2, 0.9), "status_quo": {"capture": (0.9, 0.95, 1.0)}},
    ],
    ids=str,
)
def test_assumptions_that_do_not_fit_are_refused(changes: dict[str, Any]) -> None:
    arguments = {"base_rate": 0.1, "status_quo": {"capture": 0.3}, "period": 100, **changes}
    with pytest.raises(DataError) as caught:
        lift_from_assumptions(arguments.pop("kpi", MAIL), **arguments)
    assert caught.value.remedy
