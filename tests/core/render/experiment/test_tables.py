"""The blocks `experiment` and `experiment-log`: Markdown from the result alone."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from iterata.render.experiment import log
from iterata.render.experiment.tables import LESS, NO_FIGURE, render
from iterata.results import ExperimentResult, MetricValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from ....helpers.golden import Golden


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
    data: dict[str, Any] = {
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
    return ExperimentResult.model_validate({**data, **changes})


def cells(page: str, beginning: str) -> list[str]:
    """The cells of the first row that begins with these words."""
    line = next(line for line in page.splitlines() if line.startswith(f"| {beginning}"))
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_report_block_reads_as_in_the_golden_file(golden: Golden) -> None:
    golden.check("report_block", render(result()))


def hypothesis(number: int, **more: Any) -> dict[str, Any]:
    plain = {
        "claim": "It sells.",
        "variant": "logistic",
        "over": "status quo",
        "by": 0,
        "verdict": "supported",
    }
    return {"id": f"H{number}", "difference": figure(3.5), **plain, **more}


def test_verdicts_name_their_uncertainty_and_what_is_missing(golden: Golden) -> None:
    folds = "this learner trained on other rows: corrected resampled t over 10 folds"
    predictions = "these predictions on other rows: paired bootstrap of blocks of 8 consecutive values of day"
    hypotheses = [
        hypothesis(1, p=0.001, p_holm=0.003, method=folds, broken_guardrails=["letters to older areas"]),
        hypothesis(2, p=0.03, p_holm=0.06, method=predictions, verdict="inconclusive"),
        hypothesis(
            3,
            difference={"value": 3.5},
            method=folds,
            verdict="too_few",
            needed="at least 10 positives, 6 more than there are",
        ),
    ]
    few = {
        "name": "letters to the young",
        "variant": "logistic",
        "share_of": "age < 25",
        "status_quo": 0,
        "value": 0,
        "worsening": 0,
        "worsening_at_most": None,
        "margin": 0.05,
        "holds": False,
        "needed": "about 74 rows acted upon, 54 more than there are",
    }
    page = result()
    segments = [
        segment.model_copy(
            update={"variants": [segment.variants[0].model_copy(update={"p": p, "p_adjusted": 2 * p})]}
        )
        for segment, p in zip(page.segments, (0.01, 0.04), strict=True)
    ]
    changes = {"hypotheses": hypotheses, "guardrails": [*page.guardrails, few], "segments": segments}
    golden.check("verdicts", render(result(**changes)))


@pytest.mark.parametrize(
    ("kind", "positives", "metrics", "compared"),
    [
        ("targeting", 30, [], True),
        ("outcome_value", 30, [], False),
        ("outcome_value", 30, [{"name": "roc_auc"}], True),
        ("forecast_cost", None, [{"name": "r2"}], False),
    ],
)
def test_only_scores_are_compared_within_folds(
    kind: str, positives: int | None, metrics: list[dict[str, str]], compared: bool
) -> None:
    folds = "this learner trained on other rows: corrected resampled t over 10 folds"
    page = result(hypotheses=[hypothesis(1, p=0.01, p_holm=0.01, method=folds)])
    values = [MetricValue.model_validate({**entry, "value": None}) for entry in metrics]
    changed = {
        "kpi": page.kpi.model_copy(update={"kind": kind}),
        "segments": [],
        "sample": page.sample.model_copy(update={"positives": positives}),
        "status_quo_metrics": values,
        "variants": [variant.model_copy(update={"metrics": values}) for variant in page.variants],
    }
    assert ("compared within folds" in render(page.model_copy(update=changed))) is compared


def test_log_block_reads_as_in_the_golden_file(golden: Golden) -> None:
    columns = [f"column_{number}" for number in range(42)]
    golden.check("log_block", log.render(result(features={"all": columns}, categories=["column_1"])))


SIGNS = [
    {
        "sign": "near_perfect_model",
        "found": [{"name": "logistic", "measure": "roc_auc", "value": 0.998}],
        "strongest": [{"name": "duration", "measure": "roc_auc", "value": 0.991}],
    },
    {
        "sign": "column_tells_target",
        "found": [
            {"name": "duration", "measure": "roc_auc", "value": 0.991},
            {"name": "ended <b>", "measure": "share_told", "value": 0.64},
        ],
    },
    {"sign": "copy_of_target", "found": [{"name": "log", "measure": "rank_correlation", "value": 1.0}]},
    {"sign": "gaps_tell_target", "found": [{"name": "x", "measure": "roc_auc", "value": 1.0}] * 10},
]


def test_signs_of_a_leak_come_before_the_verdicts(golden: Golden) -> None:
    page = render(result(leaks=SIGNS))
    golden.check("leaks", page.split("- **H1")[0])
    assert [sign["sign"] for sign in SIGNS] == [notice.sign for notice in result(leaks=SIGNS).leaks]
    assert "*duration*" in log.render(result(leaks=SIGNS))


def test_verdicts_come_first() -> None:
    assert render(result()).startswith("- **H1 is supported:**")


def test_models_are_rows_of_one_scale_from_random_to_perfect() -> None:
    page = render(result())
    assert cells(page, "random")[:2] == ["random: 20 % of the rows, drawn blindly", "4.00 (3.00 to 5.00)"]
    assert cells(page, "status quo: wealthiest first")[1] == "6.00 (5.00 to 7.00)"
    assert cells(page, "**logistic**")[1:] == [
        "9.5 (8.5 to 10.5)",
        "+3.50 (+2.50 to +4.50)",
        "25.0 % (18.0 to 32.0 %)",
    ]
    assert cells(page, "perfect")[1] == "20.0 (19.0 to 21.0)"
    order = [page.index(word) for word in ("| random", "| status quo:", "| **logistic**", "| perfect")]
    assert order == sorted(order)


def test_metrics_guardrails_and_segments_have_tables() -> None:
    page = render(result())
    assert cells(page, "logistic  ")[1:] == ["0.700 (0.690 to 0.710)", "+0.100 (+0.080 to +0.120)"]
    guardrails = page[page.index("**letters") :]
    assert cells(guardrails, "status quo  ")[1:] == ["", "0.300", ""]
    assert cells(guardrails, "logistic  ")[1:] == ["**not kept**", "0.200", "0.130 worse"]
    assert cells(page, "Breda")[1:] == ["1,000", "50", "6.00 (5.00 to 7.00)", "+2.00 (+1.00 to +3.00)"]


def test_broken_guardrail_is_listed_with_the_verdicts() -> None:
    assert render(result()).splitlines()[1].startswith("- **Guardrail not kept:** letters to older areas")


def test_guardrails_on_shares_show_percentages_and_points() -> None:
    (guardrail,) = (entry.model_dump() for entry in result().guardrails)
    changes = {"share_of": "age > 70", "better": "lower", "holds": True}
    page = render(result(guardrails=[{**guardrail, **changes}]))
    assert "(lower is better; at most 5.0 points worse is accepted)" in page
    assert cells(page[page.index("**letters") :], "logistic  ")[1:] == ["kept", "20.0 %", "13.0 points worse"]
    assert "not kept" not in page


def test_tables_of_a_minimised_kpi_say_that_less_is_better() -> None:
    page = render(result(kpi={**result().kpi.model_dump(), "direction": "minimise"}))
    assert "| policies sold (policies per mailing; less is better)" in page
    assert page.count(LESS) == 2


def test_figures_that_were_not_computed_have_no_table() -> None:
    bare = render(result(guardrails=[], segments=[], status_quo_metrics=[]))
    assert len(re.findall(r"^\| :-", bare, re.MULTILINE)) == 1
    assert "segment" not in bare


def test_figure_that_does_not_exist_is_a_dash() -> None:
    variant = result().variants[0].model_dump() | {"captured_share": None, "metrics": [metric(0.7)]}
    page = render(result(status_quo_metrics=[metric(None)], variants=[variant]))
    assert cells(page, "**logistic**")[-1] == NO_FIGURE
    assert cells(page, "status quo  ")[1] == NO_FIGURE
    assert cells(page, "logistic  ")[-1] == NO_FIGURE


def test_expectation_of_a_good_model_is_a_row_of_the_scale() -> None:
    page = render(result(expected={"kpi": 9.0, "gain": 3.0, "captured_share": 3 / 14}))
    assert cells(page, "expected of a good model")[1:] == ["9.00", "+3.00", "21.4 %"]
    assert "expected of a good model" not in render(result())


def test_log_contains_no_durations() -> None:
    page = log.render(result()).replace("sha256:1234567890ab", "").replace("0123456789ab", "")
    assert "123" not in page


@pytest.mark.parametrize("block", [render, log.render])
def test_text_of_documents_and_libraries_is_escaped(block: Callable[[ExperimentResult], str]) -> None:
    hostile = "<script>alert(1)</script> | *x* [a](javascript:b)\n# end"
    variant = result().variants[0].model_dump()
    changes = {"name": hostile, "features": hostile, "params": {"C": hostile}, "warnings": {hostile: 1}}
    hypothesis = result().hypotheses[0].model_dump()
    segment = result().segments[0].model_dump()
    page = block(
        result(
            split=hostile,
            variants=[{**variant, **changes}],
            hypotheses=[{**hypothesis, "claim": hostile, "variant": hostile}],
            segments=[{**segment, "value": hostile}],
        )
    )
    assert "<script>" not in page
    assert "[a](" not in page
    assert not [line for line in page.splitlines() if line.startswith("#")]
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in page.splitlines() if line.startswith("|")]
    assert set(widths) <= {4, 5, 6, 7}


def test_rendering_imports_nothing_heavy() -> None:
    code = (
        "import sys; import iterata.render.experiment.tables; "
        "print([name for name in ('numpy', 'pandas', 'sklearn', 'scipy', 'joblib') if name in sys.modules])"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout.strip() == "[]"
