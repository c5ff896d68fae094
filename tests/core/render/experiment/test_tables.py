"""What a report shows of an experiment is plain Markdown, from the result alone."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest

from iterata.render.experiment.tables import log, render
from iterata.results import ExperimentResult


def figure(value: float, spread: float = 1.0) -> dict[str, float]:
    return {"value": value, "low": value - spread, "high": value + spread}


def metric(value: float | None, difference: float | None = None) -> dict[str, Any]:
    return {
        "name": "roc_auc",
        "value": None if value is None else figure(value, 0.01),
        "difference": None if difference is None else figure(difference, 0.02),
    }


def result(**changes: Any) -> ExperimentResult:
    """80 of 400 letters; a logistic regression against the wealthiest first."""
    told: dict[str, Any] = {
        "plan_digest": f"sha256:{'1234567890abcdef' * 4}",
        "kpi": {
            "name": "policies sold",
            "kind": "targeting",
            "unit": "policies",
            "direction": "maximise",
            "period": "mailing",
            "period_rows": 400,
            "budget": 0.2,
        },
        "sample": {"source": "data/c.csv", "rows": 2000, "units": 2000, "positives": 100},
        "scale": {
            "random": {
                "expectation": figure(4),
                "sd_of_one_draw": 1.7,
                "meaning": "20 % of the rows, drawn blindly",
            },
            "status_quo": figure(6),
            "status_quo_label": "wealthiest first",
            "perfect": figure(20),
            "do_nothing": 0,
        },
        "status_quo_metrics": [metric(0.6)],
        "variants": [
            {
                "name": "logistic",
                "estimator": "sklearn.linear_model.LogisticRegression",
                "params": {"max_iter": 500},
                "features": "all",
                "columns": 85,
                "kpi": figure(9.5),
                "difference": figure(3.5),
                "captured_share": figure(0.25, 0.07),
                "metrics": [metric(0.7, 0.1)],
                "tuned": [{"C": 0.1}, {"C": 0.1}, {"C": 1.0}],
                "warnings": {"ConvergenceWarning: lbfgs failed | to <b>converge</b>": 2},
            }
        ],
        "guardrails": [
            {
                "name": "letters to older areas",
                "variant": "logistic",
                "status_quo": 0.3,
                "value": 0.2,
                "worsening": 0.1,
                "worsening_at_most": 0.13,
                "margin": 0.05,
                "holds": False,
            }
        ],
        "segments": [
            {
                "column": "town",
                "value": town,
                "rows": 1000,
                "positives": 50,
                "status_quo": figure(6),
                "variants": [{"name": "logistic", "kpi": figure(8), "difference": figure(2)}],
            }
            for town in ("Breda", "Delft")
        ],
        "hypotheses": [
            {
                "id": "H1",
                "claim": "More than wealth matters.",
                "variant": "logistic",
                "over": "status quo",
                "by": 2,
                "difference": figure(3.5),
                "verdict": "supported",
            }
        ],
        "interval": {"resamples": 2000, "unit": "row"},
        "split": "5 stratified folds, 2 times",
        "tuned_by": "roc_auc",
        "seed": 7,
        "provenance": {
            "commit": "0123456789abcdef",
            "dirty": True,
            "data": {"data/c.csv": f"sha256:{'ab' * 32}"},
            "packages": {"scikit-learn": "1.9.1"},
            "python": "3.12.1",
            "seconds": {"logistic": 123.0},
        },
    }
    return ExperimentResult.model_validate({**told, **changes})


def cells(text: str, beginning: str) -> list[str]:
    line = next(line for line in text.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_the_answer_stands_first_and_in_words() -> None:
    first = render(result()).splitlines()[0]
    assert first == (
        "- **H1 is supported:** \u201cMore than wealth matters.\u201d *logistic* against *status quo*: "
        "+3.50 policies per mailing (95 % interval +2.50 to +4.50); at least +2 was asked for, and all of "
        "the interval reaches it."
    )


def test_every_model_stands_on_one_scale() -> None:
    text = render(result())
    assert cells(text, "policies sold") == [
        "policies sold (policies per mailing)", "figure", "against the status quo", "of the potential lift"
    ]  # fmt: skip
    assert cells(text, "random")[:2] == ["random: 20 % of the rows, drawn blindly", "4.00 (3.00 to 5.00)"]
    assert cells(text, "status quo: wealthiest first")[1] == "6.00 (5.00 to 7.00)"
    assert cells(text, "**logistic**")[1:] == [
        "9.5 (8.5 to 10.5)",
        "+3.50 (+2.50 to +4.50)",
        "25.0 % (18.0 to 32.0 %)",
    ]
    assert cells(text, "perfect")[1] == "20.0 (19.0 to 21.0)"
    order = [text.index(word) for word in ("| random", "| status quo:", "| **logistic**", "| perfect")]
    assert order == sorted(order)


def test_metrics_guardrails_and_segments_have_their_tables() -> None:
    text = render(result())
    assert cells(text, "logistic  ")[1:] == ["0.700 (0.690 to 0.710)", "+0.100 (+0.080 to +0.120)"]
    assert cells(text, "**letters")[0] == (
        "**letters to older areas** (higher is better; at most 0.0500 worse is accepted)"
    )
    guarded = text[text.index("**letters") :]
    assert cells(guarded, "status quo  ")[1:] == ["", "0.300", ""]
    assert cells(guarded, "logistic  ")[1:] == ["**not kept**", "0.200", "0.130 worse"]
    assert cells(text, "Breda")[1:] == ["1,000", "50", "6.00 (5.00 to 7.00)", "+2.00 (+1.00 to +3.00)"]


def test_a_broken_guardrail_stands_beside_the_verdicts() -> None:
    said = (
        "- **Guardrail not kept:** letters to older areas, by *logistic*: at worst 0.130 worse, and 0.0500 is"
    )
    assert render(result()).splitlines()[1].startswith(said)


def test_shares_are_told_in_per_cent_and_points() -> None:
    (rail,) = (each.model_dump() for each in result().guardrails)
    text = render(result(guardrails=[{**rail, "share_of": "age > 70", "better": "lower", "holds": True}]))
    assert "(lower is better; at most 5.0 points worse is accepted)" in text
    assert cells(text[text.index("**letters") :], "logistic  ")[1:] == ["kept", "20.0 %", "13.0 points worse"]
    assert "not kept" not in text


def test_where_less_is_better_it_is_said_where_the_figures_are() -> None:
    text = render(result(kpi={**result().kpi.model_dump(), "direction": "minimise"}))
    assert "| policies sold (policies per mailing; less is better)" in text
    assert text.count("less than the status quo by") == 2


def test_what_was_not_measured_leaves_no_empty_table() -> None:
    bare = result(guardrails=[], segments=[], status_quo_metrics=[])
    assert len(re.findall(r"^\| :-", render(bare), re.MULTILINE)) == 1
    assert "segment" not in render(bare)


def test_a_figure_that_does_not_exist_is_a_dash() -> None:
    variant = result().variants[0].model_dump()
    text = render(
        result(
            status_quo_metrics=[metric(None)],
            variants=[{**variant, "captured_share": None, "metrics": [metric(0.7)]}],
        )
    )
    assert cells(text, "**logistic**")[-1] == "-"
    assert cells(text, "status quo  ")[1] == "-"
    assert cells(text, "logistic  ")[-1] == "-"


def test_how_it_was_computed_is_said_in_the_end() -> None:
    last = render(result()).splitlines()[-1]
    assert last.startswith("*5 stratified folds, 2 times: each of 2,000 rows (100 positives, `data/c.csv`) ")
    assert "95 % intervals from 2,000 bootstrap resamples of rows" in render(result())


def test_the_log_tells_what_was_run_and_no_times() -> None:
    text = log(result())
    assert cells(text, "logistic")[1:] == [
        "`sklearn.linear_model.LogisticRegression`", "max_iter 500", "all (85)"
    ]  # fmt: skip
    assert "- Plan `sha256:1234567890ab`, 5 stratified folds, 2 times, seed 7." in text
    assert "- Data `data/c.csv`, `sha256:abababababab`." in text
    assert "- On commit `0123456789ab` and what is not committed; Python 3.12.1, scikit-learn 1.9.1." in text
    assert "chose C 0.1 in 2 of 3 folds, 1 in 1 of 3 folds." in text
    sets = {"all": [f"fact {number}" for number in range(42)]}
    columns = log(result(features=sets, categories=["fact 1"]))
    assert "- Features all: fact 0, fact 1, " in columns
    assert "fact 11 and 30 more." in columns
    assert "- Of these, as categories: fact 1." in columns
    assert "123" not in text.replace("sha256:1234567890ab", "").replace("0123456789ab", "")


@pytest.mark.parametrize("show", [render, log])
def test_nothing_a_document_or_a_library_says_becomes_markup(show: Any) -> None:
    evil = "<script>alert(1)</script> | *x* [a](javascript:b)\n# end"
    variant = result().variants[0].model_dump()
    hypothesis = result().hypotheses[0].model_dump()
    segment = result().segments[0].model_dump()
    text = show(
        result(
            split=evil,
            variants=[
                {**variant, "name": evil, "features": evil, "params": {"C": evil}, "warnings": {evil: 1}}
            ],
            hypotheses=[{**hypothesis, "claim": evil, "variant": evil}],
            segments=[{**segment, "value": evil}],
        )
    )
    assert "<script>" not in text
    assert "[a](" not in text
    assert not [line for line in text.splitlines() if line.startswith("#")]
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")]
    assert set(widths) <= {4, 5, 6, 7}


def test_a_page_is_rendered_without_loading_what_computes() -> None:
    code = (
        "import sys; import iterata.render.experiment.tables; "
        "print([name for name in ('numpy', 'pandas', 'sklearn', 'scipy', 'joblib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_was_expected_stands_beside_what_came_of_it() -> None:
    shown = render(result(expected={"kpi": 9.0, "gain": 3.0, "captured_share": 3 / 14}))
    (row,) = (line for line in shown.splitlines() if "expected of a good model" in line)
    assert [cell.strip() for cell in row.strip("|").split("|")][1:] == ["9.00", "+3.00", "21.4 %"]
    assert "expected of a good model" not in render(result())
