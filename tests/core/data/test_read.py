"""From a file and its description to labelled rows with the status quo's prediction."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from iterata.data.description import RowDescription
from iterata.data.read import read_rows
from iterata.data.refusals import MissingColumn, MissingValues, NeverPositive, NotFinite, TextInsteadOfNumbers
from iterata.data.sources.open import open_file
from iterata.documents.models.kpi import ForecastCostSpec, OutcomeValueSpec, RankingSpec
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.rows import StatusQuo, Weights
from iterata.errors import DataError, at_field
from iterata.lift.from_data import compute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.data.labelled_rows import LabelledRows

    from ...helpers.golden import Golden

CUSTOMERS = """\
customer,bought,income,region,mailed
7,Yes,2,north,True
7,No,1,south,False
9,No,,north,True
8,Yes,4,south,False
"""

AMOUNTS = ForecastCostSpec(kind="forecast_cost", name="cost", unit="EUR", under=3, over=1)
DECISIONS = OutcomeValueSpec.model_validate(
    {
        "kind": "outcome_value",
        "name": "value",
        "unit": "EUR",
        "values": {"tp": 9, "fp": -1, "fn": 0, "tn": 0},
        "threshold": 7,
    }
)


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., LabelledRows]:
    """Reads the customers with the roles of columns that a document gives them."""
    (tmp_path / "customers.csv").write_text(CUSTOMERS, "utf-8")

    table = open_file(tmp_path, "customers.csv", root=tmp_path)

    def read_customers(status_quo: dict[str, Any] | None = None, **roles: Any) -> LabelledRows:
        described = StatusQuo.model_validate(status_quo or {"rule": "if_missing(income, 0)"})
        roles = {"target": "bought", "positive": "Yes", **roles}
        return read_rows(table, RowDescription(status_quo=described, **roles))

    return read_customers


class TestReadRows:
    def test_outcomes_status_quo_units_and_sample_are_read(self, read: Callable[..., LabelledRows]) -> None:
        rows = read(unit_id="customer", also=("region",))
        assert rows.positive.tolist() == [True, False, False, True]
        assert rows.status_quo_prediction.tolist() == [2, 1, 0, 4]
        assert rows.units is not None
        assert rows.units.tolist() == [0, 0, 1, 2]
        assert rows.unit_name == "customer"
        assert "region" in rows.table
        sample = rows.sample()
        assert (sample.source, sample.rows, sample.units, sample.positives) == ("customers.csv", 4, 3, 2)

    def test_without_unit_id_each_row_is_a_unit(self, read: Callable[..., LabelledRows]) -> None:
        rows = read()
        assert (rows.units, rows.unit_name, rows.sample().units) == (None, "row", 4)

    def test_digest_is_the_sha256_of_the_file(
        self, read: Callable[..., LabelledRows], tmp_path: Path
    ) -> None:
        content = (tmp_path / "customers.csv").read_bytes()
        assert read().digest == f"sha256:{hashlib.sha256(content).hexdigest()}"

    def test_status_quo_column_may_hold_booleans(self, read: Callable[..., LabelledRows]) -> None:
        assert read({"column": "mailed"}).status_quo_prediction.tolist() == [1, 0, 1, 0]

    def test_status_quo_that_is_a_single_value_has_no_prediction(
        self, read: Callable[..., LabelledRows]
    ) -> None:
        rows = read({"value": 3.5})
        assert rows.status_quo == 3.5
        with pytest.raises(DataError) as caught:
            _ = rows.status_quo_prediction
        assert caught.value.location == at_field("status_quo.value")

    def test_expression_is_computed_in_each_row(self, read: Callable[..., LabelledRows]) -> None:
        rows = read(also=("region",))
        assert rows.compute('region == "north"', at_field("share_of")).tolist() == [1, 0, 1, 0]

    def test_subset_numbers_units_without_gaps(self, read: Callable[..., LabelledRows]) -> None:
        subset = read(unit_id="customer").sample_of(np.array([False, False, True, True]))
        assert subset.units is not None
        assert subset.units.tolist() == [0, 1]
        assert subset.status_quo_prediction.tolist() == [0, 4]
        assert subset.rows == len(subset.table) == 2

    @pytest.mark.parametrize(
        ("name", "described", "refusal"),
        [
            ("missing_target", {"target": "sold"}, MissingColumn),
            ("missing_unit", {"unit_id": "user"}, MissingColumn),
            ("missing_status_quo", {"status_quo": {"column": "wage"}}, MissingColumn),
            ("missing_column_of_rule", {"status_quo": {"rule": "wage > 1"}}, MissingColumn),
            ("gap_in_status_quo", {"status_quo": {"column": "income"}}, NotFinite),
            ("gap_in_rule", {"status_quo": {"rule": "income"}}, NotFinite),
            ("division_by_zero", {"status_quo": {"rule": "1 / (if_missing(income, 0) - 1)"}}, NotFinite),
            ("text_as_status_quo", {"status_quo": {"column": "region"}}, TextInsteadOfNumbers),
            ("gap_in_target", {"target": "income", "positive": 1}, MissingValues),
            ("gap_in_unit", {"unit_id": "income"}, MissingValues),
            ("never_positive", {"positive": "yes"}, NeverPositive),
            ("base_rate_of_amounts", {"kpi": AMOUNTS, "weights": Weights(base_rate=0.1)}, DataError),
            ("threshold", {"kpi": DECISIONS}, DataError),
        ],
    )
    def test_rows_that_contradict_their_description_are_refused(
        self,
        read: Callable[..., LabelledRows],
        golden: Golden,
        name: str,
        described: dict[str, Any],
        refusal: type[DataError],
    ) -> None:
        with pytest.raises(refusal) as caught:
            read(**described)
        golden.check(name, str(caught.value))

    @pytest.mark.parametrize("rule", ["open('x')", "region + 1"])
    def test_rule_that_cannot_be_evaluated_is_refused(
        self, read: Callable[..., LabelledRows], rule: str
    ) -> None:
        with pytest.raises(DataError) as caught:
            read({"rule": rule})
        assert caught.value.location.field == at_field("status_quo.rule").field

    def test_refusal_of_text_names_the_values_of_a_rule(self, read: Callable[..., LabelledRows]) -> None:
        with pytest.raises(TextInsteadOfNumbers) as caught:
            read({"column": "region"})
        assert "north, south" in caught.value.remedy
        assert read({"rule": 'region == "north"'}).status_quo_prediction.tolist() == [1, 0, 1, 0]


@pytest.mark.parametrize(("unit_id", "expected"), [("household", "household"), (None, "search")])
def test_unit_of_ranked_rows_is_the_unit_id_or_the_group(unit_id: str | None, expected: str) -> None:
    ranking = RankingSpec.model_validate(
        {"kind": "ranking", "name": "gain", "unit": "gain", "measure": "ndcg", "k": 3, "group": "search"}
    )
    description = RowDescription(
        target="clicked", status_quo=StatusQuo(column="rank"), kpi=ranking, unit_id=unit_id
    )
    assert description.unit_column == expected


def test_weights_count_in_batches_as_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    rows = 4000
    score = rng.integers(0, 40, rows)
    bought = rng.random(rows) < score / 80
    weight = np.where(bought, 1, 5)
    lines = "".join(f"{b:d},{s},{w}\n" for b, s, w in zip(bought, score, weight, strict=True))
    (tmp_path / "rows.csv").write_text(f"bought,score,weight\n{lines}", "utf-8")
    spec = LiftSpec.model_validate(
        {
            "kpi": {"kind": "targeting", "name": "sales", "unit": "sales", "budget": 0.2},
            "data": {
                "source": "rows.csv",
                "target": "bought",
                "status_quo": {"column": "score"},
                "weights": {"column": "weight"},
            },
            "resamples": 200,
        }
    )
    whole = compute(spec, tmp_path, tmp_path)
    monkeypatch.setattr("iterata.data.sources.csv_file.MANY", 100)
    monkeypatch.setattr("iterata.data.sources.csv_file.BATCH", 1000)
    in_batches = compute(spec, tmp_path, tmp_path)
    order = np.argsort(-score, kind="stable")
    share = weight[order].cumsum() / weight.sum()
    by_hand = np.interp(0.2, share, (weight * bought)[order].cumsum() / weight.sum()) * rows
    for found in (whole, in_batches):
        assert found.scale.random.expectation.value == pytest.approx(
            0.2 * rows * (weight * bought).sum() / weight.sum(), rel=1e-3
        )
        assert found.scale.status_quo.value == pytest.approx(by_hand, rel=0.02)  # ties are shared
    assert in_batches.scale.status_quo.value == pytest.approx(whole.scale.status_quo.value)
