"""Targets of several classes: what is read, and what is refused."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from iterata.data.class_reader import several_labels
from iterata.data.class_refusals import (
    ClassesAreIds,
    ClassSpellings,
    MissingAnswers,
    OneClass,
    SeveralLabels,
    UnknownAnswer,
)
from iterata.data.description import RowDescription
from iterata.data.read import read_rows
from iterata.data.refusals import MissingValues
from iterata.data.sources.in_memory import InMemoryTable
from iterata.data.sources.open import open_file
from iterata.documents.models.rows import StatusQuo, Weights
from iterata.kpi import describe
from iterata.measure.kpi.class_value import UnknownClass
from iterata.measure.kpi_scale import KpiScale
from iterata.measure.predictions import PredictionKind

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.data.labelled_rows import LabelledRows
    from iterata.errors import DataError

TOPICS = ["billing", "technical", "other", "billing"]
KPI = describe("class_value", person={"answer": "agent", "value": 0.2})


def read(
    target: list[Any], answers: list[Any] | None = None, kpi: Any = KPI, **status_quo: Any
) -> LabelledRows:
    frame = {"topic": target, "comment": [f"about {entry}" for entry in target]}
    if answers is not None:
        frame["old"] = answers
        status_quo = {"column": "old"}
    table = InMemoryTable.of(pd.DataFrame(frame), "rows.csv")
    return read_rows(table, RowDescription(target="topic", status_quo=StatusQuo(**status_quo), kpi=kpi))


class TestCodes:
    def test_classes_are_in_the_order_of_their_text(self) -> None:
        rows = read(TOPICS, ["technical", "agent", "other", "billing"])
        assert rows.outcomes.classes == ("billing", "other", "technical")
        assert rows.outcomes.target.tolist() == [0, 2, 1, 0]
        assert rows.status_quo_prediction.tolist() == [2, 3, 1, 0]
        assert rows.status_quo_column.kind is PredictionKind.CLASS
        assert rows.sample().positives is None

    def test_numbers_and_truths_are_classes_as_they_are_written(self) -> None:
        assert read([1, 2, 10, 1], [1.0, 2.0, 10.0, 2.0]).outcomes.classes == ("1", "10", "2")
        assert read([True, False, True, True], constant="true").outcomes.classes == ("false", "true")

    def test_constant_is_one_answer(self) -> None:
        assert set(read(TOPICS, constant="agent").status_quo_prediction) == {3}
        assert set(read([1, 2, 3, 1], constant=2).status_quo_prediction) == {1}

    def test_rule_gives_the_name_of_a_class(self) -> None:
        rule = '"billing" if contains(comment, "BILLING") else "agent"'
        assert read(TOPICS, rule=rule).status_quo_prediction.tolist() == [0, 3, 3, 0]

    def test_known_kpi_needs_no_answers(self) -> None:
        assert read(TOPICS, value=3.0).status_quo == 3.0


class TestRefusals:
    """Each is about the column that is wrong."""

    @pytest.mark.parametrize(
        ("target", "error"),
        [
            (["a", "b", None, "a"], MissingValues),
            (["a", "b", "A", "b"], ClassSpellings),
            (["a", "b", " a", "b"], ClassSpellings),
            (["a", "b", "a;b", "b"], SeveralLabels),
            (["a", "b", "a, b", "b"], SeveralLabels),
            (["a|b", "b|c", "a|c", "a|b"], SeveralLabels),
            (["['a', 'b']", "['a']", "['b']", "['a']"], SeveralLabels),
            (["a", "a", "a", "a"], OneClass),
            ([f"id {row}" for row in range(30)], ClassesAreIds),
            ([f"c{row % 600}" for row in range(6000)], ClassesAreIds),
        ],
    )
    def test_targets(self, target: list[Any], error: type[DataError]) -> None:
        with pytest.raises(error) as caught:
            read(target, value=1.0)
        assert caught.value.location.data_column == "topic"
        assert "target" in caught.value.fields

    @pytest.mark.parametrize(
        ("answers", "error", "row"),
        [
            (["billing", "bilings", "other", "other"], UnknownAnswer, 2),
            (["billing", "Other", "other", "other"], UnknownAnswer, 2),
            (["billing", "other", "other", "x"], UnknownAnswer, 4),
            (["billing", None, "other", "other"], MissingAnswers, None),
        ],
    )
    def test_answers(self, answers: list[Any], error: type[DataError], row: int | None) -> None:
        with pytest.raises(error) as caught:
            read(TOPICS, answers)
        assert caught.value.location.data_column == "old"
        assert caught.value.location.row == row

    @pytest.mark.parametrize(
        ("status_quo", "field"),
        [
            ({"constant": "biling"}, "constant"),
            ({"rule": '"biling" if contains(comment, "b") else "other"'}, "rule"),
        ],
    )
    def test_answers_of_the_document(self, status_quo: dict[str, Any], field: str) -> None:
        with pytest.raises(UnknownAnswer) as caught:
            read(TOPICS, **status_quo)
        assert caught.value.location.field == ("status_quo", field)

    def test_values_of_other_classes(self) -> None:
        with pytest.raises(UnknownClass):
            read(TOPICS, TOPICS, kpi=describe("class_value", values={"billing": {"technicl": 1}}))

    def test_names_with_separators_are_classes(self) -> None:
        assert several_labels(Counter({"Portland, OR": 3, "Salem, OR": 2, "a/c": 1, "w/o": 4})) == ""


@pytest.mark.parametrize("of_units", [False, True])
def test_rows_in_batches_have_the_same_figures(
    tmp_path: Path,
    of_units: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(3)
    names = np.array(["billing", "other", "technical", "agent"])
    frame = pd.DataFrame(
        {
            "topic": names[rng.integers(0, 3, 3000)],
            "old": names[rng.integers(0, 4, 3000)],
            "customer": rng.integers(0, 400, 3000),
            "weight": rng.integers(1, 4, 3000),
        }
    )
    frame.to_parquet(tmp_path / "rows.parquet")
    description = RowDescription(
        target="topic",
        status_quo=StatusQuo(column="old"),
        kpi=KPI,
        unit_id="customer" if of_units else None,
        weights=Weights(column="weight"),
    )
    found: list[LabelledRows] = []
    for many in (10_000, 1000):
        monkeypatch.setattr("iterata.data.sources.parquet_file.MANY", many)
        table = open_file(tmp_path, "rows.parquet", root=tmp_path)
        found.append(read_rows(table, description))
    in_memory, aggregated = found
    assert in_memory.aggregated is None
    assert aggregated.aggregated is not None
    assert aggregated.sample() == in_memory.sample()
    assert aggregated.outcomes.classes == in_memory.outcomes.classes
    scales = [KpiScale.of(KPI, rows.outcomes, rows.status_quo, None) for rows in found]
    for name, bound in scales[0].bounds.items():
        value = bound.on_sample(in_memory.rows)
        assert scales[1].bounds[name].on_sample(aggregated.rows) == pytest.approx(value)
    sds = [scale.kpi.random_sd(scale.outcomes, scale.status_quo_predictions) for scale in scales]
    assert sds[1] == pytest.approx(sds[0])
