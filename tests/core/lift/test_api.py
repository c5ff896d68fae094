"""The expected lift in a notebook: the same figures as an assessment's, from arrays and data frames."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import iterata.lift
from iterata.data.refusals import SeveralSpellings, UndeclaredValues
from iterata.documents.models.lift import LiftSpec
from iterata.documents.models.period import Period
from iterata.documents.models.rows import StatusQuo
from iterata.errors import DataError, Location
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
    """300 customers in 60 households, with the columns that any kind of KPI needs."""
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
            "counts": np.repeat(rng.integers(1, 4, 60), 5),
        }
    )


def margin(frame: pd.DataFrame, prediction: Any, sample_weight: Any) -> float:
    return float(np.average(frame["spent"] * (prediction > 0.5), weights=sample_weight))


def figures(result: LiftResult) -> dict[str, Any]:
    """Everything in a result except the names of its rows, units and weights."""
    unnamed = {"source": True, "weights": {"column"}}
    content = result.model_dump(mode="json", exclude={"provenance": True, "sample": unnamed})
    del content["interval"]["unit"]
    return content


def test_columns_say_how_numbers_are_written(rows: pd.DataFrame) -> None:
    with_commas = rows["score"].map(lambda score: str(score).replace(".", ","))
    columns = {"score": {"number": {"decimal": ","}}, "household": "id"}
    written, plain = (
        expected_lift(
            "bought", "score", MAIL, frame=frame, unit_id="household", columns=described, resamples=200
        )
        for frame, described in ((rows.assign(score=with_commas), columns), (rows, {"household": "id"}))
    )
    assert written.scale == plain.scale


KINDS: dict[str, tuple[dict[str, Any], str, str]] = {
    "targeting": ({"kind": "targeting", "budget": 60, "cost_per_contact": 0.1}, "bought", "score"),
    "outcome_value": ({"kind": "outcome_value", "values": CELLS, "threshold": 1.3}, "bought", "score"),
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


class TestSameFiguresAsAnAssessment:
    @pytest.fixture
    def lift_of_assessment(self, rows: pd.DataFrame, tmp_path: Path) -> Callable[..., LiftResult]:
        """Computes the lift of an assessment with the same rows."""
        rows.to_csv(tmp_path / "rows.csv", index=False)

        def make(kpi: dict[str, Any], target: str, status_quo: str, more: dict[str, Any]) -> LiftResult:
            data = {"source": "rows.csv", "target": target, "status_quo": {"column": status_quo}}
            keys = dict(more)
            if "unit_id" in keys:
                data["unit_id"] = keys.pop("unit_id")
            if "weights" in keys:
                data["weights"] = {"column": keys.pop("weights")}
            spec = LiftSpec.model_validate({"kpi": kpi, "data": data, "resamples": 200, **keys})
            return compute(spec, tmp_path, tmp_path)

        return make

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("more", MORE)
    def test_columns_and_values_give_the_figures_of_the_assessment(
        self, rows: pd.DataFrame, lift_of_assessment: Callable[..., LiftResult], kind: str, more: str
    ) -> None:
        described, target, status_quo = KINDS[kind]
        kpi, arguments = {"name": "it", "unit": "EUR", **described}, MORE[more]
        expected = figures(lift_of_assessment(kpi, target, status_quo, arguments))
        by_name = expected_lift(target, status_quo, kpi, frame=rows, resamples=200, **arguments)
        assert figures(by_name) == expected
        if kind == "ranking":
            arguments = {**arguments, "group": rows["household"].to_numpy()}
        values = {
            key: rows[name].to_list() if name in rows else name
            for key, name in arguments.items()
            if isinstance(name, str)
        }
        by_value = expected_lift(
            rows[target].to_numpy(), list(rows[status_quo]), kpi, resamples=200, **{**arguments, **values}
        )
        assert figures(by_value) == expected

    def test_assumptions_give_the_figures_of_the_assessment(self) -> None:
        assumed = {"base_rate": [0.05, 0.1], "status_quo": {"capture": [0.3, 0.4, 0.6]}, "draws": 2000}
        kpi = {"kind": "targeting", "name": "targeting", "unit": "policies", "budget": 0.2}
        period = {"name": "period", "rows": 4000}
        expected = from_assumptions(
            LiftSpec.model_validate({"kpi": kpi, "assumptions": assumed, "period": period, "project_cost": 9})
        )
        lift = lift_from_assumptions(
            MAIL, base_rate=(0.05, 0.1), status_quo={"capture": (0.3, 0.4, 0.6)},
            period=4000, draws=2000, project_cost=9,
        )  # fmt: skip
        assert figures(lift) == figures(expected)


class TestArguments:
    def test_lists_arrays_and_series_give_the_same_figures(self, rows: pd.DataFrame) -> None:
        bought, score = rows["bought"], rows["score"]
        columns = [
            (bought, score),
            (bought.to_list(), tuple(score)),
            (bought.astype(bool), score.astype("Float64")),
            (bought.to_numpy(), score.rename(None)),
        ]
        first, *others = [figures(expected_lift(*pair, MAIL, resamples=200)) for pair in columns]
        assert all(other == first for other in others)

    def test_frames_of_other_libraries_give_the_same_figures(self, rows: pd.DataFrame) -> None:
        class Foreign:
            def to_pandas(self) -> pd.DataFrame:
                return rows

        frames: list[Any] = [rows, Foreign(), {name: rows[name].to_numpy() for name in rows}]
        first, *others = [figures(expected_lift("bought", "score", MAIL, frame=frame)) for frame in frames]
        assert all(other == first for other in others)

    def test_names_and_values_can_be_mixed(self, rows: pd.DataFrame) -> None:
        mixed = expected_lift("bought", rows["score"] * 1, MAIL, frame=rows, unit_id=rows["household"])
        named = expected_lift("bought", "score", MAIL, frame=rows, unit_id="household")
        assert figures(mixed) == figures(named)
        assert named.interval.unit == "household"

    @pytest.mark.parametrize("place", ["csv", "parquet", "query"])
    def test_files_and_queries_give_the_figures_of_a_frame(
        self, rows: pd.DataFrame, tmp_path: Path, place: str
    ) -> None:
        pytest.importorskip("duckdb" if place == "query" else "pyarrow")
        rows.to_csv(tmp_path / "rows.csv", index=False)
        rows.to_parquet(tmp_path / "rows.parquet")
        is_query = place == "query"
        table = query("SELECT * FROM 'rows.csv'", folder=tmp_path) if is_query else tmp_path / f"rows.{place}"
        for status_quo in ("score", "score * 2"):
            of_frame = expected_lift("bought", status_quo, MAIL, frame=rows, unit_id="household")
            of_table = expected_lift("bought", status_quo, MAIL, frame=table, unit_id="household")
            assert of_table.potential_lift.value == of_frame.potential_lift.value
            assert of_table.sample is not None
            assert of_table.sample.source.startswith("query of " if is_query else "rows.")

    def test_values_with_the_rows_of_a_file_are_refused(self, rows: pd.DataFrame, tmp_path: Path) -> None:
        rows.to_csv(tmp_path / "rows.csv", index=False)
        with pytest.raises(DataError) as caught:
            expected_lift(rows["bought"], "score", MAIL, frame=str(tmp_path / "rows.csv"))
        assert caught.value.location == Location("target")

    def test_status_quo_can_be_a_rule_over_columns(self, rows: pd.DataFrame) -> None:
        of_rule = expected_lift("bought", "score * 2 + 1", MAIL, frame=rows)
        assert figures(of_rule) == figures(expected_lift("bought", "score", MAIL, frame=rows))

    def test_status_quo_can_be_a_column_whose_name_is_no_word(self, rows: pd.DataFrame) -> None:
        renamed = rows.rename(columns={"score": "score of 2026"})
        lift = expected_lift("bought", "score of 2026", MAIL, frame=renamed)
        assert figures(lift) == figures(expected_lift("bought", "score", MAIL, frame=rows))

    @pytest.mark.parametrize("constant", [0, 1.5, np.int64(3), np.float32(0)])
    def test_constant_status_quo_is_as_good_as_random(self, rows: pd.DataFrame, constant: float) -> None:
        assert expected_lift("bought", constant, MAIL, frame=rows).risk.value == 0

    def test_status_quo_can_be_a_known_kpi(self, rows: pd.DataFrame) -> None:
        for known in ({"value": 40.0}, StatusQuo(value=40.0)):
            assert expected_lift("bought", known, MAIL, frame=rows).scale.status_quo.value == 40

    def test_period_can_be_a_number_of_rows_or_a_description(self, rows: pd.DataFrame) -> None:
        small, large = (expected_lift("bought", "score", MAIL, frame=rows, period=n) for n in (300, 3000))
        assert large.scale.perfect.value == pytest.approx(10 * small.scale.perfect.value)
        month = Period(name="month", rows=3000)
        described = expected_lift("bought", "score", MAIL, frame=rows, period=month)
        assert (described.kpi.period, described.scale) == ("month", large.scale)

    @pytest.mark.parametrize(
        ("worth", "currency", "share"),
        [(None, "policies", 2), (4, "money", 0.5), ((4, "EUR"), "EUR", 0.5)],
    )
    def test_worth_can_have_a_currency(
        self, rows: pd.DataFrame, worth: Any, currency: str, share: float
    ) -> None:
        potential = expected_lift("bought", "score", MAIL, frame=rows).potential_lift.value
        cost = 2 * potential
        even = expected_lift("bought", "score", MAIL, frame=rows, project_cost=cost, worth=worth).break_even
        assert even is not None
        assert even.currency == currency
        assert even.captured_share == pytest.approx(share)

    def test_base_rate_corrects_an_oversampled_table(self, rows: pd.DataFrame) -> None:
        lift = expected_lift("bought", "score", MAIL, frame=rows, base_rate=0.01, period=10_000)
        assert lift.scale.perfect.value == pytest.approx(100)

    def test_positive_value_can_be_text(self, rows: pd.DataFrame) -> None:
        words = rows["bought"].map({1: "yes", 0: "no"})
        assert figures(expected_lift(words, rows["score"], MAIL, positive="yes")) == figures(
            expected_lift(rows["bought"], rows["score"], MAIL, positive=np.int64(1))
        )

    def test_columns_with_different_indexes_are_refused(self, rows: pd.DataFrame) -> None:
        labelled = rows.set_axis([f"customer {row}" for row in rows.index])
        lift = expected_lift(labelled["bought"], labelled["score"], MAIL)
        assert figures(lift) == figures(expected_lift("bought", "score", MAIL, frame=rows))
        with pytest.raises(DataError) as caught:
            expected_lift(labelled["bought"], labelled["score"].sort_values(), MAIL)
        assert caught.value.location == Location("status_quo")


class TestFunctionAsKpi:
    def test_figures_are_those_of_the_function(self, rows: pd.DataFrame) -> None:
        kpi = describe("python", function=margin, unit="EUR")
        lift = expected_lift("bought", "score", kpi, frame=rows, resamples=200)
        assert lift.scale.status_quo.value == pytest.approx(margin(rows, rows["score"], None))
        assert lift.scale.perfect.value == pytest.approx(margin(rows, rows["bought"], None))
        assert (lift.kpi.kind, lift.kpi.name) == ("python", "python")

    def test_lambda_is_accepted(self, rows: pd.DataFrame) -> None:
        kpi = describe("python", function=lambda frame, prediction, weight: float(weight.sum()))
        assert expected_lift("bought", "score", kpi, frame=rows, resamples=200).potential_lift.value == 0

    def test_name_of_a_function_is_refused_without_a_project(self, rows: pd.DataFrame) -> None:
        with pytest.raises(DataError):
            expected_lift("bought", "score", describe("python", function="kpis:margin"), frame=rows)

    def test_error_in_the_function_is_refused_with_its_type(self, rows: pd.DataFrame) -> None:
        kpi = describe("python", function=lambda frame, prediction, weight: frame["gone"])
        with pytest.raises(DataError) as caught:
            expected_lift("bought", "score", kpi, frame=rows)
        assert "KeyError" in caught.value.message


class TestResult:
    def test_notebook_shows_the_page_of_an_assessment(self, rows: pd.DataFrame) -> None:
        lift = expected_lift("bought", "score", MAIL, frame=rows, label="newest first", source="mailing 7")
        page = lift._repr_markdown_()
        assert page == render(lift)
        assert "newest first" in page
        assert "(`mailing 7`)" in page

    def test_provenance_identifies_the_rows(self, rows: pd.DataFrame) -> None:
        digests = [
            expected_lift("bought", status_quo, MAIL, frame=rows).provenance.data["rows in memory"]
            for status_quo in ("score", "score", rows["guess"])
        ]
        assert digests[0] == digests[1] != digests[2]

    def test_unused_columns_do_not_change_the_digest(self, rows: pd.DataFrame) -> None:
        odd = rows.assign(odd=[[row] for row in range(len(rows))], words="words")
        more, fewer = (expected_lift("bought", "score", MAIL, frame=frame) for frame in (odd, rows))
        assert more.provenance.data == fewer.provenance.data

    def test_frame_is_not_changed(self, rows: pd.DataFrame) -> None:
        before = rows.copy()
        expected_lift("bought", rows["score"].rename("bought"), MAIL, frame=rows)
        pd.testing.assert_frame_equal(rows, before)


class TestDescribe:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_can_be_described(self, kind: str) -> None:
        described, *_ = KINDS[kind]
        spec = describe(**described)
        assert spec.kind == described["kind"]
        assert spec.name
        assert describe(**described, name="x", unit="EUR").unit == "EUR"

    @pytest.mark.parametrize(
        ("kind", "arguments"),
        [
            ("targetting", {}),
            ("happiness", {}),
            ("targeting", {"budget": 0}),
            ("targeting", {"budget": 0.1, "name": "<b>"}),
            ("outcome_value", {"values": {"tp": 1}}),
            ("python", {"function": 3}),
        ],
    )
    def test_invalid_description_is_refused(self, kind: str, arguments: dict[str, Any]) -> None:
        with pytest.raises(DataError) as caught:
            describe(kind, **arguments)
        assert caught.value.remedy


def test_import_of_iterata_lift_does_not_load_numpy_and_pandas() -> None:
    code = "import sys, iterata.lift; print({'numpy', 'pandas', 'pydantic'} & set(sys.modules))"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "set()"


def test_misspelt_function_of_iterata_lift_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = iterata.lift.expected_lifts


def test_negative_values_of_a_target_of_many_values_are_named() -> None:
    outcome = ["won", "lost", "Won", "open"] * 50
    score, kpi = list(range(200)), describe("targeting", budget=0.5, unit="deals")
    with pytest.raises(SeveralSpellings):
        expected_lift(outcome, score, kpi, positive="won")
    with pytest.raises(UndeclaredValues):
        expected_lift(outcome, score, kpi, positive=["won", "Won"])
    lift = expected_lift(outcome, score, kpi, positive=("won", "Won"), negative=["lost", "open"])
    assert lift.sample.positives == 100
    assert lift == expected_lift(outcome, score, kpi, positive=["won", "Won"], negative="*")
