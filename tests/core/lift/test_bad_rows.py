"""Rows of campaigns and of classes that an expected lift refuses, each at the key and the row to correct."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from iterata.documents.models.lift import LiftSpec
from iterata.errors import DataError
from iterata.lift.from_data import compute
from iterata.render.lift.uplift import MOST_NAMED, bounds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from iterata.results import LiftResult

    Case = tuple[Callable[[], pd.DataFrame], dict[str, object], str, int | None]

ROWS = 400
CAMPAIGN = pd.DataFrame(
    {
        "id": range(ROWS),
        "treated": [n % 2 for n in range(ROWS)],
        "bought": [int(n * 7 % 10 < 2 + n % 2) for n in range(ROWS)],
        "score": [n * 37 % 101 for n in range(ROWS)],
        "sent": "2026-03-01",
        "seen": "2026-04-01",
        "chance": 0.5,
    }
)
TOPICS = pd.DataFrame(
    {"id": range(60), "topic": ["billing", "technical", "other"] * 20, "answer": ["billing", "other"] * 30}
)
UPLIFT = {"kind": "uplift", "name": "gain", "unit": "EUR", "budget": 0.3, "direction": "maximise"}
CLASSES = {"kind": "class_value", "name": "value", "unit": "EUR", "direction": "maximise"}


def lift(tmp_path: Path, frame: pd.DataFrame, kpi: dict[str, object], **data: Any) -> LiftResult:
    (tmp_path / "data").mkdir(exist_ok=True)
    frame.to_csv(tmp_path / "data/rows.csv", index=False)
    described = {"source": "data/rows.csv", "unit_id": "id"} | data
    spec = {"kpi": kpi, "data": described, "period": {"name": "month", "rows": 100}, "resamples": 200}
    return compute(LiftSpec.model_validate(spec), tmp_path, tmp_path)


def of_campaign(tmp_path: Path, frame: pd.DataFrame, treated: dict[str, object], **kpi: object) -> LiftResult:
    assigned = {"column": "treated", "probability": 0.5} | treated
    data: dict[str, Any] = {} if "outcome" in kpi else {"positive": 1}
    data |= {"target": "bought", "treated": assigned, "status_quo": {"column": "score"}}
    return lift(tmp_path, frame, UPLIFT | kpi, **data)


def of_topics(tmp_path: Path, frame: pd.DataFrame, **kpi: object) -> LiftResult:
    return lift(tmp_path, frame, CLASSES | kpi, target="topic", status_quo={"column": "answer"})


def changed(frame: pd.DataFrame, column: str, value: object, row: int = 7) -> pd.DataFrame:
    frame = frame.astype({column: object})
    frame.loc[row - 1, column] = value
    return frame


DAYS: dict[str, object] = {"on": "sent", "outcome_on": "seen"}
BY_COLUMN: dict[str, object] = {"probability": "chance"}

BAD_CAMPAIGNS: dict[str, Case] = {
    "three arms": (lambda: CAMPAIGN.assign(treated=CAMPAIGN["id"] % 3), {}, "treated.control", None),
    "an unknown value": (lambda: CAMPAIGN, {"value": "mail"}, "treated.value", None),
    "no control": (lambda: CAMPAIGN.assign(treated=1), {}, "treated.column", None),
    "an unknown arm": (lambda: changed(CAMPAIGN, "treated", None), {}, "treated.column", None),
    "one treated row": (lambda: CAMPAIGN.assign(treated=CAMPAIGN["id"] == 0), {}, "status_quo", None),
    "a probability of 0": (lambda: changed(CAMPAIGN, "chance", 0), BY_COLUMN, "treated.probability", 7),
    "a probability of 1": (lambda: changed(CAMPAIGN, "chance", 1), BY_COLUMN, "treated.probability", 7),
    "a word": (lambda: changed(CAMPAIGN, "chance", "half"), BY_COLUMN, "treated.probability", 7),
    "an outcome before": (lambda: changed(CAMPAIGN, "seen", "2026-02-01"), DAYS, "treated.outcome_on", 7),
    "no day": (lambda: changed(CAMPAIGN, "sent", None), DAYS, "treated.on", None),
    "another form of days": (lambda: changed(CAMPAIGN, "seen", "1.4.26"), DAYS, "treated.outcome_on", None),
}


@pytest.mark.parametrize("name", BAD_CAMPAIGNS)
def test_bad_campaign_is_refused_at_its_key(tmp_path: Path, name: str) -> None:
    frame, treated, field, row = BAD_CAMPAIGNS[name]
    with pytest.raises(DataError) as caught:
        of_campaign(tmp_path, frame(), treated)
    assert field in (*caught.value.fields, *caught.value.location.field)
    assert caught.value.location.row == row


@pytest.mark.parametrize("number", [1e300, -1e101, float("inf")])
def test_numbers_whose_squares_overflow_are_refused(tmp_path: Path, number: float) -> None:
    with pytest.raises(DataError) as caught:
        of_campaign(tmp_path, changed(CAMPAIGN, "bought", number), {}, outcome="number")
    assert caught.value.location.data_column == "bought"


BAD_TOPICS: dict[str, Case] = {
    "an unknown answer": (lambda: changed(TOPICS, "answer", "tecnical"), {}, "status_quo.column", 7),
    "no answer": (lambda: changed(TOPICS, "answer", None), {}, "answer", None),
    "no class": (lambda: changed(TOPICS, "topic", None), {}, "target", None),
    "one class": (lambda: TOPICS.assign(topic="billing"), {}, "target", None),
    "several labels": (lambda: changed(TOPICS, "topic", "billing|other"), {}, "target", None),
    "a text as class": (lambda: changed(TOPICS, "topic", "word " * 50), {}, "target", None),
    "ids as classes": (lambda: TOPICS.assign(topic=[f"t{n}" for n in range(60)]), {}, "target", None),
}


@pytest.mark.parametrize("name", BAD_TOPICS)
def test_bad_classes_are_refused_at_their_key(tmp_path: Path, name: str) -> None:
    frame, kpi, field, row = BAD_TOPICS[name]
    with pytest.raises(DataError) as caught:
        of_topics(tmp_path, frame(), **kpi)
    assert field in (*caught.value.fields, caught.value.location.data_column)
    assert caught.value.location.row == row


@pytest.mark.parametrize("values", [{"biling": {"other": 1}}, {"billing": {"othr": 1}}])
def test_values_of_a_class_that_does_not_occur_are_refused(tmp_path: Path, values: object) -> None:
    with pytest.raises(DataError) as caught:
        of_topics(tmp_path, TOPICS, values=values)
    assert caught.value.location.field[:2] == ("kpi", "values")


NAMES = ["yes", "no", "01", "1.50", "a, b", 'say "hi"', "it's", "a\nb", "<b>`", "🙂", "NA", "None"]


def test_classes_have_any_name(tmp_path: Path) -> None:
    """Also those that YAML, CSV or Markdown read as something else."""
    frame = pd.DataFrame({"id": range(240), "topic": NAMES * 20, "answer": NAMES[::-1] * 20})
    result = of_topics(tmp_path, frame, values={"yes": {"no": -3.0}, "🙂": {"a, b": 2.0}})
    assert result.scale.perfect.value == pytest.approx(100 * 13 / 12)


def test_shares_of_rows_are_not_negative(tmp_path: Path) -> None:
    """Also where noise between strata makes the share turned smaller than the effect."""
    frame = CAMPAIGN.assign(region=["a"] * 40 + ["b"] * 360)
    frame.loc[:39, "treated"] = 1
    frame["bought"] = (CAMPAIGN["id"] * 7 % 10 < 2 + frame["treated"]).astype(int)
    analysis = of_campaign(tmp_path, frame, {}, strata=["region"]).uplift
    assert analysis is not None
    assert analysis.turned_away is not None
    assert analysis.turned_away.lower.value >= 0


def test_many_strata_are_counted_and_not_all_named(tmp_path: Path) -> None:
    result = of_campaign(tmp_path, CAMPAIGN, {}, strata=["id"])
    sentence = next(text for text in bounds(result) if "Joined" in text)
    assert sentence.count("id: ") == MOST_NAMED
    assert f"{ROWS - MOST_NAMED} more" in sentence


def test_too_few_outcomes_are_no_choice_without_an_arm(tmp_path: Path) -> None:
    analysis = of_campaign(tmp_path, CAMPAIGN.assign(bought=(CAMPAIGN["id"] < 3).astype(int)), {}).uplift
    assert analysis is not None
    assert analysis.undefined_resamples == 0
