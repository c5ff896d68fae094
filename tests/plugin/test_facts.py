"""Front matter as the pages show it."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from iterata.documents import model_of
from iterata.site.facts import LEAD, SHOWN_ELSEWHERE, as_text, facts, label, shape_of
from iterata.site.tones import TONES
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Site


def test_value_is_rendered_by_its_type() -> None:
    data = {
        "timebox": "3 days",
        "rewards": ["Fewer letters."],
        "risks": [{"risk": "Readers who open by accident.", "answer": "Said in the report."}],
        "infrastructure": {"training": {"cpu": 1}},
    }
    shown = {fact.label: fact for fact in facts(Stage.PROPOSAL, data, data)}
    assert [fact.kind for fact in shown.values()] == ["text", "texts", "entries", "block"]
    assert shown["Rewards"].value == ("Fewer letters.",)
    assert [fact.label for fact in shown["Risks"].value[0].facts] == ["Risk", "Answer"]
    assert shown["Infrastructure"].value[0].value[0].label == "CPU"


def test_entry_starts_with_its_name_and_enum_values() -> None:
    data = {
        "alternatives": [
            {"approach": "rule_based", "idea": "By hand.", "verdict": "status_quo", "why": "So."}
        ]
    }
    (fact,) = facts(Stage.ASSESSMENT, data)
    (entry,) = fact.value
    assert entry.words == ("rule based", "status quo")
    assert [fact.label for fact in entry.facts] == ["Idea", "Why"]


def test_names_of_the_project_stay_as_they_are_written() -> None:
    kpi = {"kind": "class_value", "values": {"not_spam": {"not_spam": 1, "spam_mail": -3}}}
    (lift,) = facts(Stage.ASSESSMENT, {"lift": {"kpi": kpi, "data": {"columns": {"cust_id": "id"}}}})
    described, data = lift.value
    kind, values = described.value
    assert (kind.label, values.label) == ("Kind", "Values")
    assert [fact.label for fact in values.value] == ["not_spam"]
    assert [fact.label for fact in values.value[0].value] == ["not_spam", "spam_mail"]
    (columns,) = data.value
    assert [fact.label for fact in columns.value] == ["cust_id"]
    hours = facts(Stage.EXPERIMENT, {"hours": {"data_preparation": 3}})
    assert [fact.label for fact in hours[0].value] == ["Data preparation"]


def test_descriptions_come_from_nested_models() -> None:
    plan = shape_of(Stage.PROPOSAL).child("plan")
    assert plan.child("variants").child("tune").description.startswith("Values to choose from")
    assert (
        shape_of(Stage.ASSESSMENT)
        .child("lift")
        .child("kpi")
        .child("budget")
        .description.startswith("Up to 1")
    )


def test_unknown_keys_are_shown_without_description() -> None:
    (fact,) = facts(Stage.REPORT, {"sumary": "misspelt"})
    assert (fact.label, fact.description, fact.value) == ("Sumary", "", ("misspelt",))


@pytest.mark.parametrize("stage", list(Stage))
def test_lead_and_elsewhere_name_existing_fields(stage: Stage) -> None:
    assert set(LEAD[stage]) <= set(model_of(stage).model_fields)


def test_keys_shown_elsewhere_are_not_repeated() -> None:
    assert not facts(Stage.REPORT, dict.fromkeys(SHOWN_ELSEWHERE, "x"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "yes"),
        (3, "3"),
        (0.05, "0.05"),
        (date(2026, 3, 2), "2026-03-02"),
        (f"sha256:{'a' * 64}", "sha256:aaaaaaaa…"),
    ],
)
def test_scalar_values_as_text(value: object, text: str) -> None:
    assert as_text(value) == text


def test_labels_are_words() -> None:
    words = (label("no_go", capital=False), label("too_few", capital=False))
    assert (label("project_cost"), label("memory_gb"), *words) == (
        "Project cost",
        "Memory GB",
        "no go",
        "too few to tell",
    )


def test_each_word_has_one_tone() -> None:
    words = [word for words in TONES.values() for word in words]
    assert len(words) == len(set(words))


def test_page_of_an_assessment_shows_the_kpi_of_the_requirements(
    base: Path, build: Callable[..., Site]
) -> None:
    path = base / "projects/newsletter/01-setup/assessment.md"
    text = path.read_text("utf-8")
    for line in ("success_metrics: [issues opened]\n", "stakeholders_confirmed: [product]\n"):
        assert line in text
        text = text.replace(line, "")
    path.write_text(re.sub(r"unit: \w+", "unit: clicks", text, count=1), "utf-8")
    page = (build().folder / "projects/newsletter/01-setup/assessment/index.html").read_text("utf-8")
    assert "Taken from the requirements" in page
    assert "Differs from the requirements" in page
    assert "clicks" in page
