"""The target: which of its values are positive, and which target cannot be read as two classes."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import yaml

from iterata.data.refusals import (
    AlwaysPositive,
    MissingValues,
    NeverPositive,
    SeveralSpellings,
    UndeclaredValues,
)
from iterata.data.target import TargetReader
from iterata.data.target_classes import TargetClasses
from iterata.documents.models.enums import OutcomeKind
from iterata.errors import DataError


def outcomes(
    *batches: Any, positive: Any = 1, negative: Any = None, outcome: OutcomeKind = OutcomeKind.YES_NO
) -> list[float]:
    """The outcomes of a column that is read in batches."""
    reader = TargetReader("bought", TargetClasses.of(positive, negative), outcome, "a.csv")
    values = [value for batch in batches for value in reader.read(pd.Series(batch, name="bought")).tolist()]
    reader.check()
    return values


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        (["Yes", "No", "Yes"], "Yes"),
        (["Yes", "No", "Yes"], True),  # YAML 1.1 reads `positive: Yes` as true
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
        (pd.Categorical(["a", "b", "a"]), "a"),
        (pd.array([1, 0, 1], dtype="Int64"), 1),
        (pd.array([True, False, True], dtype="boolean"), True),
    ],
)
def test_positive_value_is_matched_as_yaml_reads_it(values: Any, positive: Any) -> None:
    assert outcomes(values, positive=positive) == [1, 0, 1]


class TestEmptyClasses:
    def test_target_without_the_positive_value_is_refused_with_the_closest_value(self) -> None:
        with pytest.raises(NeverPositive) as caught:
            outcomes(["churned", "stayed"], positive="churn")
        assert "positive: churned" in caught.value.remedy

    def test_each_value_of_a_list_must_occur(self) -> None:
        with pytest.raises(NeverPositive):
            outcomes(["yes", "no"], positive=["yes", "Yes"])

    def test_target_that_is_always_positive_is_refused(self) -> None:
        with pytest.raises(AlwaysPositive):
            outcomes([1, 1])

    def test_relevance_of_zero_everywhere_is_refused(self) -> None:
        assert outcomes([2, 1], outcome=OutcomeKind.RELEVANCE) == [2, 1]
        with pytest.raises(DataError):
            outcomes([0, 0], outcome=OutcomeKind.RELEVANCE)

    def test_equal_amounts_are_accepted(self) -> None:
        assert outcomes([0, 0], outcome=OutcomeKind.NUMBER) == [0, 0]

    def test_missing_outcomes_are_refused(self) -> None:
        with pytest.raises(MissingValues):
            outcomes(["a", None, None], positive="a")


class TestSpellings:
    """`positive: "yes"` beside `Yes` must not count `Yes` as a no."""

    @pytest.mark.parametrize(
        ("values", "positive"),
        [
            (["yes", "Yes", "no"], "yes"),
            (["yes", "yes ", "no"], "yes"),
            (["YES", " yes", "yes", "no"], "yes"),
            (["1", "1.0", "0"], 1),
            (["1", "01", "0"], "1"),
            (["true", "yes", "no"], True),
        ],
    )
    def test_several_spellings_are_refused_with_a_list_that_works(self, values: Any, positive: Any) -> None:
        with pytest.raises(SeveralSpellings) as caught:
            outcomes(values, positive=positive)
        line = caught.value.remedy.partition("`")[2].partition("`")[0]
        declared = yaml.safe_load(line)["positive"]
        assert outcomes(values, positive=declared) == [1.0] * (len(values) - 1) + [0.0]

    def test_spelling_of_a_later_batch_is_refused(self) -> None:
        with pytest.raises(SeveralSpellings):
            outcomes(["yes", "no"], ["yes", "Yes"], positive="yes")

    def test_number_of_rows_of_each_spelling_is_named(self) -> None:
        with pytest.raises(SeveralSpellings) as caught:
            outcomes(["yes", "Yes", "no", "yes", "yes "], positive="yes")
        assert "yes (2 rows)" in caught.value.message
        assert "'yes ' (1 rows)" in caught.value.message

    def test_spelling_may_be_declared_as_negative(self) -> None:
        assert outcomes(["J", "j", "n"], positive="J", negative=["j", "n"]) == [1, 0, 0]

    def test_spellings_of_the_other_value_do_no_harm(self) -> None:
        assert outcomes(["yes", "no", "No ", "NO"], positive="yes") == [1, 0, 0, 0]


class TestThirdValue:
    """A value that is neither the positive one nor its opposite must not count as negative silently."""

    @pytest.mark.parametrize(
        ("values", "positive"),
        [
            (["yes", "no", "unknown"], "yes"),
            ([0, 1, 2], 1),
            ([0.0, 1.0, -1.0], 1),
            (["a", "b", "c"], "a"),
        ],
    )
    def test_third_value_is_refused_with_a_line_that_works(self, values: Any, positive: Any) -> None:
        with pytest.raises(UndeclaredValues) as caught:
            outcomes(values, positive=positive)
        line = caught.value.remedy.partition("`")[2].partition("`")[0]
        declared = yaml.safe_load(line)["negative"]
        expected = [float(value == positive) for value in values]
        assert outcomes(values, positive=positive, negative=declared) == expected

    def test_third_value_of_a_later_batch_is_refused(self) -> None:
        with pytest.raises(UndeclaredValues):
            outcomes(["yes", "no"], ["no", "unknown"], positive="yes")

    def test_value_that_is_not_declared_is_refused(self) -> None:
        with pytest.raises(UndeclaredValues) as caught:
            outcomes(["yes", "no", "maybe", "maybe"], positive="yes", negative="no")
        assert "maybe (2 rows)" in caught.value.message
        assert "no (" not in caught.value.message

    def test_number_of_rows_of_each_value_is_named(self) -> None:
        with pytest.raises(UndeclaredValues) as caught:
            outcomes(["yes", "no", "no", "unknown"], positive="yes")
        assert "no (2 rows), yes (1 rows), unknown (1 rows)" in caught.value.message

    def test_one_class_against_all_others_is_declared_with_an_asterisk(self) -> None:
        assert outcomes(list("abcdefghijkl"), positive="c", negative="*") == [0, 0, 1] + [0] * 9

    def test_asterisk_is_proposed_for_many_values(self) -> None:
        with pytest.raises(UndeclaredValues) as caught:
            outcomes(list("abcdefghijkl"), positive="c")
        assert 'negative: "*"' in caught.value.remedy
