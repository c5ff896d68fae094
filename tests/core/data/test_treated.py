"""Who was treated, and with which probability: what a table of a campaign must hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from iterata.data.treated import (
    OutcomeBeforeTreatment,
    WrongArms,
    WrongProbability,
    read_assignment,
    read_strata,
)
from iterata.documents.models.rows import Treated
from iterata.errors import DataError, at_field

ROWS = pd.DataFrame(
    {
        "arm": ["mail", "mail", "none", "none"],
        "three": ["mail", "call", "none", "none"],
        "flag": [1, 1, 0, 0],
        "gap": [1, None, 0, 0],
        "all": [1, 1, 1, 1],
        "chance": [0.2, 0.2, 0.6, 0.6],
        "certain": [0.2, 1.0, 0.6, 0.0],
        "percent": [20, 20, 60, 60],
        "text": ["a", "b", "c", "d"],
        "sent": ["2024-01-05"] * 4,
        "seen": ["2024-01-06", "2024-02-01", "2024-01-05", "2024-01-09"],
        "early": ["2024-01-06", "2024-01-01", "2024-01-05", "2024-01-09"],
        "bought": [1, 0, 1, 0],
    }
)


def read(**keys: Any) -> Any:
    return read_assignment(ROWS, Treated.model_validate(keys), "bought", "rows.csv")


@pytest.mark.parametrize(
    "keys",
    [
        {"column": "flag"},
        {"column": "arm", "value": "mail"},
        {"column": "arm", "value": "mail", "control": "none"},
        {"column": "three", "value": ["mail", "call"]},
        {"column": "three", "value": ["mail", "call"], "control": "*"},
    ],
)
def test_two_arms_are_read(keys: dict[str, Any]) -> None:
    found = read(**keys, probability=0.5)
    assert found.treated.tolist() == [True, True, False, False]
    assert found.probability.tolist() == [0.5] * 4
    assert found.declared


def test_several_values_can_mean_not_treated() -> None:
    for control in (["call", "none"], "*"):
        assert read(column="three", value="mail", control=control).treated.tolist() == [True] + [False] * 3


def test_probability_of_a_column_and_of_no_declaration() -> None:
    assert read(column="flag", probability="chance").probability.tolist() == [0.2, 0.2, 0.6, 0.6]
    unknown = read(column="flag")
    assert unknown.probability.tolist() == [0.5] * 4
    assert not unknown.declared


@pytest.mark.parametrize(
    ("keys", "field"),
    [
        ({"column": "three", "value": "mail"}, "treated.control"),
        ({"column": "three", "value": "mail", "control": "none"}, "treated.control"),
        ({"column": "three", "value": "mail", "control": "post"}, "treated.control"),
        ({"column": "arm"}, "treated.value"),
        ({"column": "all"}, "treated.column"),
        ({"column": "gap"}, "treated.column"),
        ({"column": "bought"}, "treated.column"),
    ],
)
def test_other_than_two_arms_are_refused(keys: dict[str, Any], field: str) -> None:
    with pytest.raises(WrongArms) as caught:
        read(**keys)
    assert caught.value.fields[0] == field
    assert caught.value.location.data_column == keys["column"]


@pytest.mark.parametrize(("column", "row"), [("certain", 2), ("percent", 1)])
def test_probability_of_zero_or_one_is_refused_with_its_row(column: str, row: int) -> None:
    with pytest.raises(WrongProbability) as caught:
        read(column="flag", probability=column)
    assert caught.value.location.row == row
    assert caught.value.location.data_column == column


def test_probability_that_is_no_number_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        read(column="flag", probability="text")
    assert caught.value.fields == ("treated.probability",)


@pytest.mark.parametrize("probability", [0, 1, 1.5, -0.1])
def test_declared_probability_of_zero_or_one_is_no_chance(probability: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        Treated(column="flag", probability=probability)


def test_outcome_from_before_the_treatment_is_refused() -> None:
    assert read(column="flag", on="sent", outcome_on="seen").treated.sum() == 2
    with pytest.raises(OutcomeBeforeTreatment) as caught:
        read(column="flag", on="sent", outcome_on="early")
    assert caught.value.location.row == 2
    assert caught.value.location.data_column == "early"


def test_strata_are_the_values_before_the_treatment() -> None:
    found = read_strata(ROWS, ["arm", "gap"], ("bought",), "rows.csv")
    assert np.bincount(found.code).tolist() == [1, 1, 2]
    assert found.labels == ("arm: mail, gap: 1", "arm: mail, gap: missing", "arm: none, gap: 0")
    with pytest.raises(DataError) as caught:
        read_strata(ROWS, ["arm", "bought"], ("bought",), "rows.csv")
    assert caught.value.location == at_field("kpi.strata[1]")
