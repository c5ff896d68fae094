"""Which assumptions of an assessment are refused, and at which key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.assumption_checks import wrong_assumptions
from iterata.documents.models.assumptions import Assumptions
from iterata.documents.models.kpi import OutcomeValueSpec, RankingSpec, TargetingSpec
from iterata.documents.models.period import Period

from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.documents.models.kpi import KpiSpec

    from ...helpers.golden import Golden

TARGETING = TargetingSpec.model_validate(
    {"kind": "targeting", "name": "policies sold", "unit": "policies", "budget": 0.2}
)
OUTCOME_VALUE = OutcomeValueSpec.model_validate(
    {
        "kind": "outcome_value",
        "name": "margin",
        "unit": "EUR",
        "values": {"tp": 5, "fp": -1, "fn": 0, "tn": 0},
    }
)
RANKING = RankingSpec.model_validate(
    {"kind": "ranking", "name": "x", "unit": "hits", "measure": "ndcg", "k": 3, "group": "user"}
)
MONTH = Period.model_validate({"name": "month", "rows": 4000})

WRONG: dict[str, tuple[KpiSpec, dict[str, Any], tuple[str, ...]]] = {
    "no figure": (TARGETING, {"status_quo": {}}, ("status_quo",)),
    "two figures": (TARGETING, {"status_quo": {"capture": 0.1, "kpi": 3}}, ("status_quo",)),
    "figure of another kind": (TARGETING, {"status_quo": {"recall": 0.1}}, ("status_quo", "recall")),
    "precision too high": (TARGETING, {"status_quo": {"precision": 0.9}}, ("status_quo", "precision")),
    "kpi too high": (TARGETING, {"status_quo": {"kpi": 900}}, ("status_quo", "kpi")),
    "kpi negative": (TARGETING, {"status_quo": {"kpi": -5}}, ("status_quo", "kpi")),
    "value of another kind": (TARGETING, {"values": {"tp": [1, 2, 3]}}, ("values", "tp")),
    "volume differs from period": (TARGETING, {"volume": [3000, 5000, 9000]}, ("volume",)),
    "ranking": (RANKING, {}, ()),
    "action rate alone": (OUTCOME_VALUE, {"status_quo": {"action_rate": 0.2}}, ("status_quo", "action_rate")),
    "recall alone": (OUTCOME_VALUE, {"status_quo": {"recall": 0.2}}, ("status_quo",)),
    "precision from zero": (
        OUTCOME_VALUE,
        {"status_quo": {"recall": 0.2, "precision": [0, 0.1]}},
        ("status_quo", "precision"),
    ),
    "too many rows acted upon": (
        OUTCOME_VALUE,
        {"status_quo": {"recall": 1, "precision": 0.01}},
        ("status_quo", "precision"),
    ),
    "too many negatives acted upon": (
        OUTCOME_VALUE,
        {"status_quo": {"recall": 0.1, "action_rate": 1}},
        ("status_quo", "recall"),
    ),
}
"""A KPI, assumptions that do not suit it, and the key that is wrong."""


def assumptions(**changes: Any) -> Assumptions:
    """Assumptions that suit `TARGETING`, with some of their keys replaced."""
    valid = {"base_rate": [0.05, 0.06, 0.07], "status_quo": {"capture": [0.25, 0.3, 0.35]}}
    return Assumptions.model_validate({**valid, **changes})


def test_valid_assumptions_are_accepted() -> None:
    assert wrong_assumptions(TARGETING, assumptions(), MONTH) == []


@pytest.mark.parametrize("case", WRONG)
def test_wrong_assumption_is_located_at_its_key(case: str) -> None:
    kpi, changes, path = WRONG[case]
    (wrong,) = wrong_assumptions(kpi, assumptions(**changes), MONTH)
    assert wrong.path == path


def test_rows_of_a_period_are_required() -> None:
    (wrong,) = wrong_assumptions(TARGETING, assumptions(), None)
    assert wrong.path == ()
    assert wrong_assumptions(TARGETING, assumptions(volume=4000), None) == []


def test_kpi_does_not_determine_status_quo_if_all_actions_are_worth_the_same() -> None:
    values = {"tp": 1, "fp": 1, "fn": 0, "tn": 0}
    kpi = OutcomeValueSpec.model_validate({**OUTCOME_VALUE.model_dump(), "values": values})
    (wrong,) = wrong_assumptions(kpi, assumptions(status_quo={"kpi": 3, "action_rate": 0.5}), MONTH)
    assert wrong.path == ("status_quo", "kpi")


def test_messages(golden: Golden) -> None:
    found = [
        wrong
        for kpi, changes, _ in WRONG.values()
        for wrong in wrong_assumptions(kpi, assumptions(**changes), MONTH)
    ]
    found += wrong_assumptions(TARGETING, assumptions(), None)
    text = "\n".join(f"{'.'.join(wrong.path) or 'assumptions'}: {wrong.message}" for wrong in found)
    golden.check("wrong-assumptions", text)


def test_wrong_assumption_is_a_problem_on_its_line(tmp_path: Path) -> None:
    base, page = KnowledgeBase(tmp_path / "base"), "churn/01-setup/assessment"
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.set(page, "lift.data", None)
    base.set(page, "lift.assumptions", assumptions(status_quo={"precision": 0.9}).model_dump())
    base.set(page, "lift.period", MONTH.model_dump())
    (problem,) = base.parsed(page).problems
    assert problem.field == "lift.assumptions.status_quo.precision"
    assert "precision" in base.read(base.parsed(page).path).splitlines()[problem.position.line - 1]


def test_either_data_or_assumptions_are_required(tmp_path: Path) -> None:
    base, page = KnowledgeBase(tmp_path / "base"), "churn/01-setup/assessment"
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.set(page, "lift.assumptions", assumptions().model_dump())
    (both,) = base.parsed(page).problems
    base.set(page, "lift.data", None)
    base.set(page, "lift.assumptions", None)
    (neither,) = base.parsed(page).problems
    assert both.field == neither.field == "lift"
