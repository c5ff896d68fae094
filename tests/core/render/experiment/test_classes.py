"""The tables of a target with classes: bounded, the costliest pairs first, and harmless names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.actions.track_entries import MAX_CLASSES, variant_entry
from iterata.render.comment import inert
from iterata.render.experiment.classes import SHOWN_CLASSES, SHOWN_PAIRS, costliest
from iterata.render.experiment.tables import render

from .test_tables import cells, figure, result

if TYPE_CHECKING:
    from iterata.results import ExperimentResult

    from ....helpers.golden import Golden

KPI = {
    "name": "messages",
    "kind": "class_value",
    "unit": "EUR",
    "direction": "maximise",
    "period": "week",
    "period_rows": 400,
}


def pair(answer: str, truth: str, rows: float, value: float | None, cost: float | None) -> dict[str, Any]:
    return {"answer": answer, "truth": truth, "rows": rows, "value": value, "cost": cost}


def of_class(name: str, rows: int, *, valued: bool = True) -> dict[str, Any]:
    shares = {"precision": figure(0.8, 0.1), "recall": figure(0.7, 0.1), "f1": {"value": 0.75}}
    value = figure(120.0, 20) if valued else None
    return {"name": name, "rows": rows, "answered": rows + 2.5, "value": value} | shares


def classified(*, valued: bool = True, classes: int = 3) -> ExperimentResult:
    """A status quo and one variant that answers some classes."""
    names = ["billing", "re|fund", *(f"class {number}" for number in range(classes - 2))]
    right = pair("billing", "billing", 100, 100.0 if valued else None, 0.0 if valued else None)
    wrong = [
        pair(names[0], name, 3 + place, -8.0 if valued else None, 90.0 - place if valued else None)
        for place, name in enumerate(names[1:])
    ]
    confusion = {"pairs": [*wrong, right], "others": None}
    others = {"pairs": 44, "rows": 17.5, "value": -3.0, "cost": 5.0}
    figures = [of_class(name, 100 - place, valued=valued) for place, name in enumerate(names)]
    variant = result().variants[0].model_dump() | {
        "decides": "the answer with the highest expected value",
        "predictions": "class",
        "confusion": confusion | {"others": others if valued else None},
        "classes": figures,
        "to_person": figure(0.1, 0.02) if valued else None,
    }
    return result(
        kpi=KPI if valued else KPI | {"kind": "metric", "unit": "points", "period": ""},
        sample={"source": "data/c.csv", "rows": 300, "units": 300, "positives": None},
        status_quo_confusion=confusion,
        status_quo_classes=[entry | {"precision": None} for entry in figures],
        status_quo_to_person={"value": 0.0} if valued else None,
        variants=[variant],
        unlearned=[{"name": "re|fund", "folds": 2, "rows": 14}],
        segments=[],
        guardrails=[],
    )


@pytest.mark.parametrize(("name", "valued"), [("class_values", True), ("class_metric", False)])
def test_report_block_reads_as_in_the_golden_file(name: str, valued: bool, golden: Golden) -> None:
    golden.check(name, render(classified(valued=valued)))


def test_tables_of_many_classes_are_bounded() -> None:
    page = render(classified(classes=60))
    model = page.split("| **logistic**", 2)[2].split("\n\n")[0].splitlines()
    assert len(model) == SHOWN_PAIRS + 2  # its name, the pairs, and all others together
    assert cells(page, "all other pairs")[2] != ""
    assert page.count("| **class ") == SHOWN_CLASSES - 2
    assert "30 more" in page
    assert len(page) < 30_000


def test_pairs_that_are_not_shown_are_added_up() -> None:
    page = render(classified(classes=14))
    (others,) = [
        line for line in page.splitlines() if "all other pairs (48)" in line
    ]  # 3, the right one and 44
    rows, value, cost = [cell.strip() for cell in others.strip("|").split("|")][2:]
    assert (rows, value, cost) == ("159.5", "73.0", "242")  # 13 + 14 + 15 and 100 and 17.5


def test_costliest_pair_is_named_without_markup() -> None:
    lines = list(costliest(classified(), inert))
    assert len(lines) == 2
    assert "re|fund" not in lines[1].replace("\\|", "")
    assert list(costliest(result())) == []


def test_classes_are_logged_up_to_a_limit() -> None:
    many = classified(classes=80)
    metrics = variant_entry(many.variants[0], many).metrics
    assert metrics["to_person"] == pytest.approx(0.1)
    assert metrics["class billing value.high"] == pytest.approx(140)
    assert sum(name.endswith(" f1") for name in metrics) == MAX_CLASSES
