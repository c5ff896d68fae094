"""The expected lift in a notebook: the same figures as an assessment's, from arrays and data frames."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import iterata.lift
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.period import Period
from iterata.documents.models.rows import StatusQuo
from iterata.errors import DataError, IterataError
from iterata.kpi import describe
from iterata.lift import expected_lift, lift_from_assumptions, query
from iterata.lift.from_assumptions import compute as from_assumptions
from iterata.lift.from_data import compute
from iterata.render.lift.table import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import LiftResult

MAIL = describe("targeting", budget=0.2, unit="policies")
CELLS = {"tp": 9, "fp": -1, "fn": 0, "tn": 0}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """300 customers in 60 households with all that any kind of KPI asks for."""
    rng = np.random.default_rng(5)
    score = rng.normal(size=300)
    return pd.DataFrame(
        {
            "bought": (rng.normal(size=300) + score > 1).astype(int),
            "score": score,
            "spent": rng.gamma(2, 10, 300).round(2),
            "guess": rng.gamma(2, 10, 300).round(2),
            "liked": rng.integers(0, 4, 300),
            "household": np.repeat(np.arange(60), 5),
            "counts": rng.integers(1, 4, 300),
        }
    )


def margin(frame: pd.DataFrame, prediction: Any, sample_weight: Any) -> float:
    return float(np.average(frame["spent"] * (prediction > 0.5), weights=sample_weight))


def says(result: LiftResult) -> dict[str, Any]:
    """All that a result says, but for what the rows are called."""
    said = result.model_dump(mode="json", exclude={"provenance": True, "sample": {"source"}})
    del said["interval"]["unit"]
    return said


KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "targeting": ({"kind": "targeting", "budget": 60, "cost_per_contact": 0.1}, "bought", "score"),
    "outcome_value": ({"kind": "outcome_value", "values": CELLS, "threshold": 0.3}, "bought", "score"),
    "forecast_cost": ({"kind": "forecast_cost", "under": 3, "over": 1}, "spent", "guess"),
    "ranking": ({"kind": "ranking", "measure": "ndcg", "k": 2, "group": "household"}, "liked", "score"),
    "metric": ({"kind": "metric", "metric": "roc_auc"}, "bought", "score"),
    "a metric of numbers": ({"kind": "metric", "metric": "neg_mean_absolute_error"}, "spent", "guess"),
}
MORE: dict[str, dict[str, Any]] = {
    "nothing else": {},
    "units and a period": {"unit_id": "household", "period": {"name": "month", "rows": 3000}},
    "weights": {"weights": "counts"},
    "money": {"project_cost": 5, "worth": {"per_unit": 2, "currency": "EUR"}, "payback_periods": 2},
}


class TestTheSameAsADocument:
    @pytest.fixture
    def documented(self, rows: pd.DataFrame, tmp_path: Path) -> Callable[..., LiftResult]:
        """What an assessment with the same rows comes to."""
        rows.to_csv(tmp_path / "rows.csv", index=False)

        def make(kpi: dict[str, Any], target: str, status_quo: str, more: dict[str, Any]) -> LiftResult:
            data = {"source": "rows.csv", "target": target, "status_quo": {"column": status_quo}}
            beside = dict(more)
            if "unit_id" in beside:
                data["unit_id"] = beside.pop("unit_id")
            if "weights" in beside:
                data["weights"] = {"column": beside.pop("weights")}
            said = {"kpi": kpi, "data": data, "resamples": 200, **beside}
            return compute(LiftSpec.model_validate(said), tmp_path, tmp_path)

        return make

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("more", MORE)
    def test_by_columns_and_by_values(
        self, rows: pd.DataFrame, documented: Callable[..., LiftResult], kind: str, more: str
    ) -> None:
        described, target, today = KINDS[kind]
        kpi, beside = {"name": "it", "unit": "EUR", **described}, MORE[more]
        wanted = says(documented(kpi, target, today, beside))
        by_name = expected_lift(target, today, kpi, frame=rows, resamples=200, **beside)
        assert says(by_name) == wanted
        if kind == "ranking":
            beside = {**beside, "group": rows["household"].to_numpy()}
        values = {
            key: rows[name].to_list() if name in rows else name
            for key, name in beside.items()
            if not isinstance(name, dict) and isinstance(name, str)
        }
        found = expected_lift(
            rows[target].to_numpy(), list(rows[today]), kpi, resamples=200, **{**beside, **values}
        )
        assert says(found) == wanted

    def test_from_assumptions(self) -> None:
        assumed = {"base_rate": [0.05, 0.1], "status_quo": {"capture": [0.3, 0.4, 0.6]}, "draws": 2000}
        kpi = {"kind": "targeting", "name": "targeting", "unit": "policies", "budget": 0.2}
        period = {"name": "period", "rows": 4000}
        wanted = from_assumptions(
            LiftSpec.model_validate({"kpi": kpi, "assumptions": assumed, "period": period, "project_cost": 9})
        )
        found = lift_from_assumptions(
            MAIL, base_rate=(0.05, 0.1), status_quo={"capture": (0.3, 0.4, 0.6)},
            period=4000, draws=2000, project_cost=9,
        )  # fmt: skip
        assert says(found) == says(wanted)


class TestWhatMayBeGiven:
    def test_one_result_from_many_sorts_of_columns(self, rows: pd.DataFrame) -> None:
        bought, score = rows["bought"], rows["score"]
        sorts = [
            (bought, score),
            (bought.to_list(), tuple(score)),
            (bought.astype(bool), score.astype("Float64")),
            (bought.to_numpy(), score.rename(None)),
        ]
        first, *others = [says(expected_lift(*sort, MAIL, resamples=200)) for sort in sorts]
        assert all(other == first for other in others)

    def test_a_frame_of_another_library(self, rows: pd.DataFrame) -> None:
        class Foreign:
            def to_pandas(self) -> pd.DataFrame:
                return rows

        frames: list[Any] = [rows, Foreign(), {name: rows[name].to_numpy() for name in rows}]
        first, *others = [says(expected_lift("bought", "score", MAIL, frame=each)) for each in frames]
        assert all(other == first for other in others)

    def test_names_and_values_may_be_mixed(self, rows: pd.DataFrame) -> None:
        mixed = expected_lift("bought", rows["score"] * 1, MAIL, frame=rows, unit_id=rows["household"])
        named = expected_lift("bought", "score", MAIL, frame=rows, unit_id="household")
        assert says(mixed) == says(named)
        assert named.interval.unit == "household"

    @pytest.mark.parametrize("place", ["csv", "parquet", "query"])
    def test_rows_of_a_file_or_a_query(self, rows: pd.DataFrame, tmp_path: Path, place: str) -> None:
        pytest.importorskip("duckdb" if place == "query" else "pyarrow")
        rows.to_csv(tmp_path / "rows.csv", index=False)
        rows.to_parquet(tmp_path / "rows.parquet")
        asked = query("SELECT * FROM 'rows.csv'", folder=tmp_path) if place == "query" else None
        for today in ("score", "score * 2"):
            at_hand = expected_lift("bought", today, MAIL, frame=rows, unit_id="household")
            found = expected_lift(
                "bought", today, MAIL, frame=asked or tmp_path / f"rows.{place}", unit_id="household"
            )
            assert found.potential_lift.value == at_hand.potential_lift.value
            assert found.sample is not None
            assert found.sample.source.startswith("query of " if asked else "rows.")

    def test_values_belong_beside_a_frame(self, rows: pd.DataFrame, tmp_path: Path) -> None:
        rows.to_csv(tmp_path / "rows.csv", index=False)
        with pytest.raises(DataError, match=r"are values, but the rows are those of rows\.csv") as refused:
            expected_lift(rows["bought"], "score", MAIL, frame=str(tmp_path / "rows.csv"))
        assert "name a column" in refused.value.remedy

    def test_a_rule_over_columns(self, rows: pd.DataFrame) -> None:
        ruled = expected_lift("bought", "score * 2 + 1", MAIL, frame=rows)
        assert says(ruled) == says(expected_lift("bought", "score", MAIL, frame=rows))

    @pytest.mark.parametrize("one", [0, 1.5, np.int64(3), np.float32(0)])
    def test_one_number_for_all_is_a_blind_choice(self, rows: pd.DataFrame, one: float) -> None:
        assert expected_lift("bought", one, MAIL, frame=rows).risk.value == 0

    def test_only_what_today_comes_to(self, rows: pd.DataFrame) -> None:
        for known in ({"value": 40.0}, StatusQuo(value=40.0)):
            assert expected_lift("bought", known, MAIL, frame=rows).scale.status_quo.value == 40

    def test_a_period_is_its_rows_or_more(self, rows: pd.DataFrame) -> None:
        small, large = (expected_lift("bought", "score", MAIL, frame=rows, period=n) for n in (300, 3000))
        assert large.scale.perfect.value == pytest.approx(10 * small.scale.perfect.value)
        month = Period(name="month", rows=3000)
        found = expected_lift("bought", "score", MAIL, frame=rows, period=month)
        assert (found.kpi.period, found.scale) == ("month", large.scale)

    @pytest.mark.parametrize(
        ("worth", "currency", "share"),
        [(None, "policies", 2), (4, "money", 0.5), ((4, "EUR"), "EUR", 0.5)],
    )
    def test_worth_is_money_with_or_without_its_currency(
        self, rows: pd.DataFrame, worth: Any, currency: str, share: float
    ) -> None:
        wins = expected_lift("bought", "score", MAIL, frame=rows).potential_lift.value
        found = expected_lift("bought", "score", MAIL, frame=rows, project_cost=2 * wins, worth=worth)
        assert found.break_even is not None
        assert found.break_even.currency == currency
        assert found.break_even.captured_share == pytest.approx(share)

    def test_a_base_rate_puts_an_oversampled_table_right(self, rows: pd.DataFrame) -> None:
        found = expected_lift("bought", "score", MAIL, frame=rows, base_rate=0.01, period=10_000)
        assert found.scale.perfect.value == pytest.approx(100)

    def test_the_positive_outcome_may_be_text(self, rows: pd.DataFrame) -> None:
        words = rows["bought"].map({1: "yes", 0: "no"})
        assert says(expected_lift(words, rows["score"], MAIL, positive="yes")) == says(
            expected_lift(rows["bought"], rows["score"], MAIL, positive=np.int64(1))
        )

    def test_an_index_is_followed_where_it_says_something(self, rows: pd.DataFrame) -> None:
        labelled = rows.set_axis([f"customer {row}" for row in rows.index])
        found = expected_lift(labelled["bought"], labelled["score"], MAIL)
        assert says(found) == says(expected_lift("bought", "score", MAIL, frame=rows))
        with pytest.raises(DataError, match="has another index than target"):
            expected_lift(labelled["bought"], labelled["score"].sort_values(), MAIL)


class TestCallables:
    def test_any_function_is_a_kpi(self, rows: pd.DataFrame) -> None:
        kpi = describe("python", function=margin, unit="EUR")
        found = expected_lift("bought", "score", kpi, frame=rows, resamples=200)
        assert found.scale.status_quo.value == pytest.approx(margin(rows, rows["score"], None))
        assert found.scale.perfect.value == pytest.approx(margin(rows, rows["bought"], None))
        assert (found.kpi.kind, found.kpi.name) == ("python", "python")

    def test_a_nameless_one_too(self, rows: pd.DataFrame) -> None:
        kpi = describe("python", function=lambda frame, said, weight: float(weight.sum()))
        assert expected_lift("bought", "score", kpi, frame=rows, resamples=200).potential_lift.value == 0

    def test_one_that_is_only_named_belongs_to_a_project(self, rows: pd.DataFrame) -> None:
        with pytest.raises(DataError, match="belongs to a project"):
            expected_lift("bought", "score", describe("python", function="kpis:margin"), frame=rows)

    def test_its_own_errors_are_told(self, rows: pd.DataFrame) -> None:
        kpi = describe("python", function=lambda frame, said, weight: frame["gone"])
        with pytest.raises(DataError, match="the KPI raised KeyError"):
            expected_lift("bought", "score", kpi, frame=rows)


class TestTheResult:
    def test_a_notebook_shows_the_page(self, rows: pd.DataFrame) -> None:
        found = expected_lift("bought", "score", MAIL, frame=rows, label="newest first", source="mailing 7")
        page = found._repr_markdown_()
        assert page == render(found)
        assert "(newest first)" in page
        assert "(`mailing 7`)" in page

    def test_it_says_which_rows_they_were(self, rows: pd.DataFrame) -> None:
        digests = [
            expected_lift("bought", today, MAIL, frame=rows).provenance.data["rows at hand"]
            for today in ("score", "score", rows["guess"])
        ]
        assert digests[0] == digests[1] != digests[2]

    def test_columns_that_nobody_asked_for_make_no_difference(self, rows: pd.DataFrame) -> None:
        odd = rows.assign(odd=[[row] for row in range(len(rows))], words="words")
        found, plain = (expected_lift("bought", "score", MAIL, frame=each) for each in (odd, rows))
        assert found.provenance.data == plain.provenance.data

    def test_the_frame_is_left_as_it_was(self, rows: pd.DataFrame) -> None:
        before = rows.copy()
        expected_lift("bought", rows["score"].rename("bought"), MAIL, frame=rows)
        pd.testing.assert_frame_equal(rows, before)


GOOD: dict[str, Any] = {"target": [0, 1, 0, 1], "status_quo": [1, 2, 3, 4], "kpi": MAIL}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"target": [1, 1, 1, 1]}, "is 1 in every row"),
        ({"target": [0, 1, None, 1]}, "is empty in 1 of 4 rows"),
        ({"target": [0, 2, 0, 2]}, "has no value `1`; it has: 0, 2"),
        ({"target": []}, "status_quo: has 4 rows, but target has 0"),
        ({"target": [], "status_quo": []}, "there are no rows"),
        ({"target": 3}, "target: is no column, but a single value"),
        ({"target": "bought"}, "bought names a column, but there is no frame"),
        ({"status_quo": [1, 2, 3]}, "status_quo: has 3 rows, but target has 4"),
        ({"status_quo": np.ones((4, 2))}, "status_quo: is no column, but 4 by 2"),
        ({"status_quo": [1, 2, float("inf"), 4]}, "is not a finite number in 1 of 4 rows"),
        ({"status_quo": [1, 2, None, 4]}, "is not a finite number in 1 of 4 rows"),
        ({"status_quo": list("abcd")}, "holds text, such as a"),
        ({"status_quo": "income > 3"}, "there is no column income"),
        ({"status_quo": "__import__('os')"}, "status_quo.rule"),
        ({"status_quo": {"volume": 3}}, "unknown key `volume`"),
        ({"kpi": {"kind": "targeting"}}, "`budget` is missing"),
        ({"kpi": {"kind": "targetting"}}, "did you mean `targeting`?"),
        ({"kpi": describe("targeting", budget=5)}, "the budget of 5 is more than the 4 rows"),
        ({"kpi": describe("ranking", measure="ndcg", k=2), "group": [1, 1, 2, 2], "target": [0, 0, 0, 0]},
         "target` is 0 in every row"),
        ({"kpi": describe("outcome_value", values={"tp": 1, "fp": -1, "fn": 0, "tn": 0}),
          "status_quo": [18, 22, 30, 41]}, "does not split the status quo's scores (18 to 41)"),
        ({"kpi": describe("ranking", measure="ndcg", k=2)}, "group: rows are ranked within groups"),
        ({"group": [1, 1, 2, 2]}, "a KPI of kind targeting has no groups"),
        ({"unit_id": [1, 1, 1, 1]}, "no interval can be computed"),
        ({"unit_id": [1, 1, None, 1]}, "is empty in 1 of 4 rows"),
        ({"weights": [1, 1, -1, 1]}, "is below 0 in 1 of 4 rows"),
        ({"weights": [0, 0, 0, 0]}, "every row has the weight 0"),
        ({"base_rate": 1}, "must be"),
        ({"period": 0}, "must be more than 0"),
        ({"period": 3.5}, "period.rows: must be a whole number"),
        ({"project_cost": -3}, "must be more than 0"),
        ({"worth": (3, "")}, "must not be empty"),
        ({"resamples": 3}, "must be at least 200"),
        ({"frame": 3}, "frame: is no table"),
        ({"frame": {"a": [1, 2]}}, "target: has 4 rows, but frame has 2"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_with_the_remedy(given: dict[str, Any], said: str) -> None:
    arguments = {**GOOD, **given}
    with pytest.raises(IterataError) as caught:
        expected_lift(arguments.pop("target"), arguments.pop("status_quo"), arguments.pop("kpi"), **arguments)
    assert said in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"base_rate": 6}, "must be a share between 0 and 1, not 6: did you mean 0.06?"),
        ({"base_rate": (0.3, 0.1)}, "does not rise"),
        ({"status_quo": {"recall": 0.3}}, "did you mean `capture`?"),
        ({"status_quo": {}}, "needs one of these"),
        ({"period": None}, "needs `volume`"),
        ({"values": {"tp": 3}}, "is no value of a KPI of kind targeting"),
        ({"kpi": describe("metric", metric="roc_auc")}, "cannot stand for a KPI of kind metric"),
        ({"base_rate": (0.1, 0.2, 0.9), "status_quo": {"capture": (0.9, 0.95, 1.0)}}, "contradict"),
    ],
)
def test_so_is_what_cannot_be_assumed(given: dict[str, Any], said: str) -> None:
    arguments = {"base_rate": 0.1, "status_quo": {"capture": 0.3}, "period": 100, **given}
    with pytest.raises(IterataError) as caught:
        lift_from_assumptions(arguments.pop("kpi", MAIL), **arguments)
    assert said in str(caught.value)


class TestDescribe:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind(self, kind: str) -> None:
        described, *_ = KINDS[kind]
        found = describe(**described)
        assert found.kind == described["kind"]
        assert found.name
        assert describe(**described, name="x", unit="EUR").unit == "EUR"

    @pytest.mark.parametrize(
        ("kind", "given", "said"),
        [
            ("targetting", {}, "did you mean targeting?"),
            ("uplift", {}, "use one of targeting, outcome_value"),
            ("targeting", {"budget": 0}, "budget: must be more than 0"),
            ("targeting", {"budget": 0.1, "name": "<b>"}, "is not written as it must be"),
            ("outcome_value", {"values": {"tp": 1}}, "values: `fp` is missing"),
            ("python", {"function": 3}, "function: must be text"),
        ],
    )
    def test_mistakes_are_told(self, kind: str, given: dict[str, Any], said: str) -> None:
        with pytest.raises(DataError) as caught:
            describe(kind, **given)
        assert said in str(caught.value)


def test_the_room_is_entered_without_loading_what_computes() -> None:
    code = "import sys, iterata.lift; print({'numpy', 'pandas', 'pydantic'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
    with pytest.raises(AttributeError, match="no attribute 'expected_lifts'"):
        _ = iterata.lift.expected_lifts
