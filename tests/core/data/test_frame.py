"""From a file and what a document says of it to labelled rows with the status quo's prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from iterata.data import frame as predictions
from iterata.data.columns import as_column, positives, unit_codes
from iterata.data.sources.open import open_table
from iterata.documents.models.rows import StatusQuo
from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.data.frame import LabelledRows

CUSTOMERS = """\
customer,bought,income,region,mailed
7,Yes,2,north,True
7,No,1,south,False
9,No,,north,True
8,Yes,4,south,False
"""


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., LabelledRows]:
    """Reads the customers as a document describes them."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS, "utf-8")

    def make(status_quo: dict[str, str] | None = None, **described: Any) -> LabelledRows:
        said = {"target": "bought", "positive": "Yes", **described}
        today = StatusQuo.model_validate(status_quo or {"rule": "if_missing(income, 0)"})
        return predictions.read(
            open_table(tmp_path, "customers.csv", root=tmp_path), status_quo=today, **said
        )

    return make


class TestFrame:
    def test_it_holds_what_the_document_describes(self, read: Callable[..., LabelledRows]) -> None:
        frame = read(unit_id="customer", also=["region"])
        assert frame.positive.tolist() == [True, False, False, True]
        assert frame.status_quo.tolist() == [2, 1, 0, 4]
        assert frame.units is not None
        assert frame.units.tolist() == [0, 0, 1, 2]
        assert frame.unit_name == "customer"
        assert "region" in frame.table
        sample = frame.sample()
        assert (sample.source, sample.rows, sample.units, sample.positives) == ("customers.csv", 4, 3, 2)

    def test_without_a_unit_each_row_is_one(self, read: Callable[..., LabelledRows]) -> None:
        frame = read()
        assert (frame.units, frame.unit_name, frame.sample().units) == (None, "row", 4)

    def test_the_digest_is_the_files(self, read: Callable[..., LabelledRows]) -> None:
        assert read().digest.startswith("sha256:")
        assert len(read().digest) == 7 + 64

    def test_a_decision_may_be_true_or_false(self, read: Callable[..., LabelledRows]) -> None:
        assert read({"column": "mailed"}).status_quo.tolist() == [1, 0, 1, 0]

    def test_expressions_are_computed_over_its_columns(self, read: Callable[..., LabelledRows]) -> None:
        frame = read(also=["region"])
        assert frame.compute('region == "north"', "share_of").tolist() == [1, 0, 1, 0]

    @pytest.mark.parametrize(
        ("described", "message"),
        [
            ({"target": "sold"}, "there is no column sold, which `target` names"),
            ({"unit_id": "user"}, "there is no column user, which `unit_id` names"),
            ({"status_quo": {"column": "wage"}}, "there is no column wage, which `status_quo.column` names"),
            ({"status_quo": {"rule": "wage > 1"}}, "there is no column wage, which `status_quo.rule` names"),
            ({"status_quo": {"rule": "open('x')"}}, "may not hold"),
            (
                {"status_quo": {"column": "income"}},
                "status quo income is no finite number in 1 of 4 rows",
            ),
            ({"status_quo": {"rule": "income"}}, "is no finite number in 1 of 4 rows"),
            ({"status_quo": {"rule": "1 / (if_missing(income, 0) - 1)"}}, "no finite number in 1 of 4 rows"),
            ({"status_quo": {"column": "region"}}, "the status quo region holds text, such as north"),
            ({"status_quo": {"rule": "region + 1"}}, "calculates with text"),
            ({"target": "income", "positive": 1}, "the target income is missing in 1 of 4 rows"),
            ({"unit_id": "income"}, "the unit income is missing in 1 of 4 rows"),
            ({"positive": "yes"}, "the target bought is never yes; it is Yes, No"),
        ],
    )
    def test_what_does_not_fit_is_refused(
        self, read: Callable[..., LabelledRows], described: dict[str, Any], message: str
    ) -> None:
        with pytest.raises(DataError) as caught:
            read(**described)
        assert message in caught.value.message
        assert caught.value.remedy
        assert caught.value.where

    def test_the_remedy_for_text_is_a_rule_that_works(self, read: Callable[..., LabelledRows]) -> None:
        with pytest.raises(DataError) as caught:
            read({"column": "region"})
        assert '`rule: region == "north"`' in caught.value.remedy
        assert read({"rule": 'region == "north"'}).status_quo.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["Yes", "No", "Yes"], "Yes"),
        (["Yes", "No", "Yes"], True),  # YAML reads `positive: Yes` as true
        (["no", "yes", "no"], False),
        ([1, 0, 1], 1),
        ([1, 0, 1], True),
        ([1, 0, 1], "1"),
        ([1.0, 0.0, 1.0], 1),
        (["1", "0", "1"], 1),
        ([True, False, True], True),
        ([True, False, True], 1),
        ([True, False, True], "true"),
        ([True, False, True], "yes"),
        ([2, 1, 2], 2),
        (["churn", "stay", "churn"], "churn"),
        (["1", "01", "1"], "1"),  # as it is written comes first
        (pd.Categorical(["a", "b", "a"]), "a"),
        (pd.array([1, 0, 1], dtype="Int64"), 1),
        (pd.array([True, False, True], dtype="boolean"), True),
    ],
)
def test_the_positive_outcome_is_found_however_it_is_written(values: Any, positive: Any) -> None:
    assert positives(pd.Series(values, name="bought"), positive, "a.csv").tolist() == [True, False, True]


class TestOutcomes:
    def test_the_values_there_are_shown_when_none_is_positive(self) -> None:
        with pytest.raises(DataError) as caught:
            positives(pd.Series(["churned", "stayed"], name="left"), "churn", "a.csv")
        assert caught.value.message == "the target left is never churn; it is churned, stayed"
        assert "positive: churned" in caught.value.remedy

    def test_a_target_that_never_differs_is_refused(self) -> None:
        with pytest.raises(DataError, match="in every row, so there is nothing to tell apart"):
            positives(pd.Series([1, 1], name="left"), 1, "a.csv")

    def test_missing_outcomes_are_counted(self) -> None:
        with pytest.raises(DataError, match=r"missing in 2 of 3 rows"):
            positives(pd.Series(["a", None, None], name="left"), "a", "a.csv")


class TestUnits:
    def test_units_that_are_all_different_are_rows(self) -> None:
        assert unit_codes(pd.Series(["x", "y", "z"]), "a.csv") is None

    def test_a_single_unit_says_nothing_of_chance(self) -> None:
        with pytest.raises(DataError, match="nothing can be said of chance"):
            unit_codes(pd.Series([3, 3, 3], name="user"), "a.csv")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], [1.0, 2.0]),
        ([True, False], [1.0, 0.0]),
        ([1.5, None], [1.5, np.nan]),
        (pd.array([1, None], dtype="Int64"), [1.0, np.nan]),
        (pd.array([True, None], dtype="boolean"), [1.0, np.nan]),
        (pd.Series([True, None], dtype=object), [1.0, np.nan]),
        (pd.Categorical([3, 4]), [3.0, 4.0]),
        (["a", None], ["a", None]),
        (["1", "2"], ["1", "2"]),
        (pd.Categorical(["a", None]), ["a", None]),
    ],
)
def test_columns_are_numbers_or_text(values: Any, expected: list[Any]) -> None:
    column = as_column(pd.Series(values))
    assert column.dtype == (object if isinstance(expected[0], str) else np.float64)
    np.testing.assert_array_equal(column, np.array(expected, dtype=column.dtype))
