"""`iterata new` begins with a KPI, a split, metrics and models that fit the data and the question."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from iterata.actions.beginnings.outcomes import target_look
from iterata.documents.models.enums import ModelKind, OutcomeKind

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

DATA = "projects/churn/data/rows.csv"
ASSESSMENT, PROPOSAL = "churn/01-setup/assessment", "churn/01-setup/proposal"

ROWS = 90
COMMENTS = [f"it was number {n} of the parcels that came late" for n in range(ROWS)]
COLUMNS: dict[str, list[Any]] = {
    "day": [date(2026, 1, 1) + timedelta(days=n) for n in range(ROWS)],
    "size": [n * 7 % 31 for n in range(ROWS)],
    "bought": [int(n % 4 == 0) for n in range(ROWS)],
    "answer": [("no", "no", "Yes")[n % 3] for n in range(ROWS)],
    "topic": [("billing", "billing", "sales", "technical")[n % 4] for n in range(ROWS)],
    "grade": [n % 5 for n in range(ROWS)],
    "amount": [n * 13 % 97 / 2 for n in range(ROWS)],
    "user": [n // 6 for n in range(ROWS)],
    "mailed": [("mail", "none")[n % 2] for n in range(ROWS)],
}


@pytest.fixture
def rows(base: KnowledgeBase) -> KnowledgeBase:
    """A project with data, and nothing but its requirements."""
    base.grow("churn\n  requirements: approved\n")
    base.write(DATA, pd.DataFrame(COLUMNS).to_csv(index=False))
    return base


def begin(
    base: KnowledgeBase, iterata: CommandLine, model_kind: str, *options: str, direction: str = "maximise"
) -> dict[str, Any]:
    """The block at `lift` of a new assessment, which passes the check."""
    base.set("churn/requirements", "model_kind", model_kind)
    base.set("churn/requirements", "kpis", [{"name": "gain", "unit": "EUR", "direction": direction}])
    iterata("new", "iteration", "churn", *options).fine()
    iterata("check").fine()
    lift: dict[str, Any] = base.parsed(ASSESSMENT).data["lift"]
    return lift


def proposed(base: KnowledgeBase, iterata: CommandLine) -> dict[str, Any]:
    """The plan of a new proposal, which passes the check."""
    iterata("new", "document", "churn/01", "proposal").fine()
    iterata("check").fine()
    plan: dict[str, Any] = base.parsed(PROPOSAL).data["plan"]
    return plan


def estimators(plan: dict[str, Any]) -> list[str]:
    return [variant["estimator"].rsplit(".", 1)[1] for variant in plan["variants"]]


class TestAssessment:
    def test_it_names_the_only_data_file(self, rows: KnowledgeBase, iterata: CommandLine) -> None:
        assert begin(rows, iterata, "classification")["data"]["source"] == "data/rows.csv"

    @pytest.mark.parametrize(
        ("target", "kind", "positive"),
        [("bought", "targeting", 1), ("answer", "targeting", "Yes"), ("topic", "class_value", None)],
    )
    def test_values_of_the_target_choose_the_kind(
        self, rows: KnowledgeBase, iterata: CommandLine, target: str, kind: str, positive: object
    ) -> None:
        lift = begin(rows, iterata, "classification", "--target", target)
        assert (lift["kpi"]["kind"], lift["data"].get("positive")) == (kind, positive)

    def test_values_of_classes_name_classes_of_the_target(
        self, rows: KnowledgeBase, iterata: CommandLine
    ) -> None:
        kpi = begin(rows, iterata, "classification", "--target", "topic")["kpi"]
        ((answer, by_truth),) = kpi["values"].items()
        assert {answer, *by_truth} < {"billing", "sales", "technical"}

    @pytest.mark.parametrize(("direction", "kind"), [("minimise", "forecast_cost"), ("maximise", "metric")])
    def test_numbers_are_forecast_at_a_cost_unless_more_is_better(
        self, rows: KnowledgeBase, iterata: CommandLine, direction: str, kind: str
    ) -> None:
        lift = begin(rows, iterata, "regression", "--target", "amount", direction=direction)
        assert lift["kpi"]["kind"] == kind

    def test_recommendation_ranks_within_a_group(self, rows: KnowledgeBase, iterata: CommandLine) -> None:
        kpi = begin(rows, iterata, "recommendation", "--target", "grade", "--group", "user")["kpi"]
        assert (kpi["kind"], kpi["group"]) == ("ranking", "user")

    @pytest.mark.parametrize(("target", "outcome"), [("bought", None), ("amount", "number")])
    def test_campaign_begins_with_its_effect_against_nobody(
        self, rows: KnowledgeBase, iterata: CommandLine, target: str, outcome: str | None
    ) -> None:
        options = ("--target", target, "--treated", "mailed")
        lift = begin(rows, iterata, "classification", *options)
        assert (lift["kpi"]["kind"], lift["kpi"].get("outcome")) == ("uplift", outcome)
        assert lift["data"]["treated"]["column"] == "mailed"
        assert lift["data"]["treated"]["value"] in {"mail", "none"}
        status_quo = lift["data"]["status_quo"]
        assert (status_quo["constant"], status_quo["stop_below"]) == (0, 1)

    def test_forecasting_resamples_whole_weeks_of_days(
        self, rows: KnowledgeBase, iterata: CommandLine
    ) -> None:
        days = [date(2025, 1, 1) + timedelta(days=n) for n in range(400)]
        rows.write(DATA, pd.DataFrame({"day": days, "sold": range(400)}).to_csv(index=False))
        lift = begin(rows, iterata, "forecasting", "--target", "sold", direction="minimise")
        assert lift["data"]["blocks"] == {"column": "day", "length": 7}

    @pytest.mark.parametrize(("hours", "length"), [(24 * 60, 1), (24 * 300, 7), (24 * 5, None)])
    def test_forecasting_resamples_whole_days_of_hours_if_there_are_few(
        self, rows: KnowledgeBase, iterata: CommandLine, hours: int, length: int | None
    ) -> None:
        times = [datetime(2025, 1, 1) + timedelta(hours=n) for n in range(hours)]  # noqa: DTZ001
        rows.write(DATA, pd.DataFrame({"hour": times, "sold": range(hours)}).to_csv(index=False))
        lift = begin(rows, iterata, "forecasting", "--target", "sold", direction="minimise")
        assert lift["data"].get("blocks", {}).get("length") == length

    def test_text_is_declared(self, rows: KnowledgeBase, iterata: CommandLine) -> None:
        rows.write(DATA, pd.DataFrame({**COLUMNS, "comment": COMMENTS}).to_csv(index=False))
        assert begin(rows, iterata, "language", "--target", "bought")["data"]["columns"] == {
            "comment": "text"
        }

    @pytest.mark.parametrize("content", ["", "\x00\xff", "a\n"], ids=["empty", "binary", "no_rows"])
    def test_unreadable_data_leave_the_document_open(
        self, rows: KnowledgeBase, iterata: CommandLine, content: str
    ) -> None:
        rows.write(DATA, content)
        assert begin(rows, iterata, "forecasting", "--target", "a")["kpi"]["kind"] == "metric"

    def test_columns_that_are_not_there_are_written_as_they_are(
        self, rows: KnowledgeBase, iterata: CommandLine
    ) -> None:
        lift = begin(rows, iterata, "classification", "--target", "no_such", "--treated", "neither")
        assert (lift["data"]["target"], lift["data"]["treated"]["column"]) == ("no_such", "neither")


class TestPlan:
    def test_forecasting_is_in_the_order_of_time(self, rows: KnowledgeBase, iterata: CommandLine) -> None:
        begin(rows, iterata, "forecasting", "--target", "amount", direction="minimise")
        plan = proposed(rows, iterata)
        assert (plan["split"]["kind"], plan["split"]["column"]) == ("time_ordered", "day")
        assert plan["metrics"]["secondary"] == [{"metric": "r2"}]
        assert estimators(plan) == ["Ridge", "HistGradientBoostingRegressor"]

    def test_forecasting_without_dates_asks_for_the_time(
        self, rows: KnowledgeBase, iterata: CommandLine
    ) -> None:
        rows.write(DATA, pd.DataFrame({"week": range(90), "sold": range(90)}).to_csv(index=False))
        begin(rows, iterata, "forecasting", "--target", "sold", direction="minimise")
        assert proposed(rows, iterata)["split"]["column"] == "TODO"

    def test_classes_have_stratified_folds_and_metrics_of_classes(
        self, rows: KnowledgeBase, iterata: CommandLine
    ) -> None:
        begin(rows, iterata, "classification", "--target", "topic")
        plan = proposed(rows, iterata)
        assert (plan["split"]["kind"], plan["split"]["folds"]) == ("stratified_folds", 5)
        assert {"metric": "f1_macro"} in plan["metrics"]["secondary"]
        assert estimators(plan) == ["LogisticRegression", "HistGradientBoostingClassifier"]

    def test_folds_are_no_more_than_the_rows_of_the_rarest_class(
        self, rows: KnowledgeBase, iterata: CommandLine
    ) -> None:
        topics = [*["a", "b"] * 20, "c", "c", "c"]
        rows.write(DATA, pd.DataFrame({"topic": topics, "size": range(43)}).to_csv(index=False))
        begin(rows, iterata, "classification", "--target", "topic")
        assert proposed(rows, iterata)["split"]["folds"] == 3

    @pytest.mark.parametrize(
        ("target", "metric", "estimator"),
        [("grade", "precision_at_10", "Ridge"), ("bought", "roc_auc", "LogisticRegression")],
    )
    def test_ranking_divides_whole_groups(
        self, rows: KnowledgeBase, iterata: CommandLine, target: str, metric: str, estimator: str
    ) -> None:
        begin(rows, iterata, "ranking", "--target", target, "--group", "user")
        plan = proposed(rows, iterata)
        assert (plan["split"]["kind"], plan["split"]["column"]) == ("group_folds", "user")
        assert plan["metrics"]["secondary"] == [{"metric": metric}]
        assert estimators(plan)[0] == estimator

    @pytest.mark.parametrize(("target", "estimator"), [("bought", "LogisticRegression"), ("amount", "Ridge")])
    def test_effects_are_estimated_by_two_models(
        self, rows: KnowledgeBase, iterata: CommandLine, target: str, estimator: str
    ) -> None:
        begin(rows, iterata, "classification", "--target", target, "--treated", "mailed")
        plan = proposed(rows, iterata)
        assert {variant["uplift"] for variant in plan["variants"]} == {"two_models"}
        assert estimators(plan)[0] == estimator
        assert plan["metrics"]["secondary"] == []
        assert plan["split"]["kind"] == "stratified_folds"

    def test_text_alone_has_one_model(self, rows: KnowledgeBase, iterata: CommandLine) -> None:
        frame = {"comment": COMMENTS, "bought": COLUMNS["bought"], "code": [f"p{n}" for n in range(ROWS)]}
        rows.write(DATA, pd.DataFrame(frame).to_csv(index=False))
        begin(rows, iterata, "language", "--target", "bought")
        assert [variant["features"] for variant in proposed(rows, iterata)["variants"]] == ["words"]

    def test_text_has_a_linear_model_of_its_words(self, rows: KnowledgeBase, iterata: CommandLine) -> None:
        rows.write(DATA, pd.DataFrame({**COLUMNS, "comment": COMMENTS}).to_csv(index=False))
        begin(rows, iterata, "language", "--target", "bought")
        plan = proposed(rows, iterata)
        assert plan["features"][plan["variants"][0]["features"]] == ["comment"]
        assert set(estimators(plan)) == {"LogisticRegression"}


@pytest.mark.parametrize(
    ("values", "model_kind", "outcome"),
    [
        ([0, 1, 1], None, OutcomeKind.YES_NO),
        ([True, False], None, OutcomeKind.YES_NO),
        ([1.0, 1.0], None, OutcomeKind.YES_NO),
        ([0, 1, 2], ModelKind.CLASSIFICATION, OutcomeKind.CLASSES),
        ([0, 1, 2], ModelKind.REGRESSION, OutcomeKind.NUMBER),
        ([0, 1, 2], ModelKind.RANKING, OutcomeKind.RELEVANCE),
        ([0, 1], ModelKind.RECOMMENDATION, OutcomeKind.RELEVANCE),
        ([-1, 1], ModelKind.RANKING, None),
        ([0.5, 1.5, 2.5], ModelKind.CLASSIFICATION, OutcomeKind.NUMBER),
        (list(range(21)), ModelKind.CLASSIFICATION, OutcomeKind.NUMBER),
        (["a", "b", "c"], None, OutcomeKind.CLASSES),
        ([f"id {n}" for n in range(200)], None, None),
        ([], None, None),
    ],
)
def test_kind_of_a_target(
    values: list[Any], model_kind: ModelKind | None, outcome: OutcomeKind | None
) -> None:
    look = target_look(pd.Series(values), model_kind)
    assert (look.outcome if look else None) == outcome


@pytest.mark.parametrize(
    ("values", "positive"),
    [
        ([0, 0, 1], 1),
        ([1.0, 1.0, 0.0], 1),
        (["no", "yes", "yes"], "yes"),
        (["stayed", "stayed", "left"], "left"),
    ],
)
def test_positive_value_affirms_or_is_the_rarer_one(values: list[Any], positive: object) -> None:
    look = target_look(pd.Series(values), None)
    assert look is not None
    assert look.positive == positive
