"""Every branch of the advice: what decides, and what it advises."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.deployment import OnHealth
from iterata.documents.models.enums import Advice, Requirement
from iterata.results.parts import Estimate
from iterata.results.rollout import HoldState, MetricReading, SampleRatio
from iterata.rollout.advice import PhaseEvidence, advise

if TYPE_CHECKING:
    from iterata.results.rollout import MetricRole, MetricState

DONE = HoldState(days=14, days_needed=14, units=20_000, units_needed=20_000)


def metric(state: MetricState, role: MetricRole = "primary", name: str = "sales") -> MetricReading:
    return MetricReading(
        name=name,
        role=role,
        method="mean",
        better="higher",
        margin=0.1,
        phases=[],
        total=None,
        sequential=Estimate(value=0.2, low=-0.1, high=0.5),
        state=state,
    )


def ratio(*, is_off: bool) -> SampleRatio:
    return SampleRatio(expected=0.1, chi_square=30, p_value=1e-7, limit=3e-4, is_off=is_off)


EVIDENCE = PhaseEvidence(
    share=0.1,
    has_units=True,
    sample_ratio=ratio(is_off=False),
    metrics=[metric("better"), metric("not_worse", "guardrail", "complaints")],
    requires=Requirement.NO_HARM,
    hold=DONE,
)


def states(primary: MetricState, *guardrails: MetricState) -> dict[str, Any]:
    guards = [metric(state, "guardrail", f"guard {at}") for at, state in enumerate(guardrails)]
    return {"metrics": [metric(primary), *guards]}


def missing(**keys: Any) -> dict[str, Any]:
    return {"hold": DONE.model_copy(update=keys)}


NO_DATA = {"has_units": False}
RATIO_OFF = {"sample_ratio": ratio(is_off=True)}
DAYS, UNITS, APPROVAL = missing(days=13), missing(units=19_999), missing(approval_needed="product")
GAIN = {"requires": Requirement.GAIN}


@pytest.mark.parametrize(
    ("changes", "advice", "problem"),
    [
        ({}, "advance", None),
        (states("not_worse", "not_worse"), "advance", None),
        (states("better"), "advance", None),
        (states("better") | GAIN, "advance", None),
        (NO_DATA, "hold", "no_data"),
        (RATIO_OFF, "hold", "sample_ratio"),
        (states("better", "not_worse", "worse"), "revert", "guardrail"),
        (states("worse"), "revert", "harm"),
        (DAYS, "hold", None),
        (UNITS, "hold", None),
        (APPROVAL, "hold", None),
        (states("inconclusive"), "hold", "inconclusive"),
        (states("no_data"), "hold", "inconclusive"),
        (states("not_worse") | GAIN, "hold", "inconclusive"),
        (states("better", "inconclusive"), "hold", "inconclusive"),
        (states("better", "no_data"), "hold", "inconclusive"),
    ],
)
def test_each_branch(changes: dict[str, Any], advice: str, problem: str | None) -> None:
    decision = advise(replace(EVIDENCE, **changes))
    assert decision.advice == advice
    assert [found.problem for found in decision.health] == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (NO_DATA | RATIO_OFF | states("worse", "worse"), "no_data"),
        (RATIO_OFF | states("worse", "worse") | DAYS, "sample_ratio"),
        (states("worse", "worse") | DAYS, "guardrail"),
        (states("worse", "inconclusive") | DAYS, "harm"),
    ],
)
def test_the_gravest_problem_decides(changes: dict[str, Any], problem: str) -> None:
    assert advise(replace(EVIDENCE, **changes)).health[0].problem == problem


@pytest.mark.parametrize("wait", [DAYS, UNITS])
@pytest.mark.parametrize("state", ["better", "not_worse", "inconclusive"])
def test_a_phase_waits_whatever_it_shows(wait: dict[str, Any], state: MetricState) -> None:
    """Before that no look is planned, so that nothing good can be read from the figures."""
    decision = advise(replace(EVIDENCE, **(states(state) | wait)))
    assert (decision.advice, decision.health) == (Advice.HOLD, [])


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("no_data", NO_DATA),
        ("sample_ratio", RATIO_OFF),
        ("guardrail", states("better", "worse")),
        ("inconclusive", states("inconclusive")),
    ],
)
@pytest.mark.parametrize("reaction", ["hold", "revert"])
def test_the_document_says_what_a_problem_means(key: str, changes: dict[str, Any], reaction: str) -> None:
    on = OnHealth.model_validate({key: reaction})
    decision = advise(replace(EVIDENCE, on=on, **changes))
    assert decision.advice == reaction
    assert decision.health[0].reaction == reaction


def test_harm_reverts_even_if_guardrails_only_hold() -> None:
    on = OnHealth.model_validate({"guardrail": "hold"})
    decision = advise(replace(EVIDENCE, on=on, **states("worse", "worse")))
    assert decision.advice is Advice.REVERT


def test_the_reason_names_what_is_missing() -> None:
    hold = HoldState(days=3, days_needed=14, units=4_000, units_needed=20_000, until=date(2026, 4, 20))
    reason = advise(replace(EVIDENCE, hold=hold)).reason
    assert {"3", "14", "16,000", "20,000", "2026-04-20"} <= set(reason.replace(":", "").split())


def test_an_approval_is_the_last_thing_to_wait_for() -> None:
    """It needs no further data, so that it does not hide what these leave open."""
    decision = advise(replace(EVIDENCE, **(states("inconclusive") | APPROVAL)))
    assert (decision.advice, decision.health[0].problem) == (Advice.HOLD, "inconclusive")


def test_the_reason_names_who_has_not_agreed() -> None:
    assert "product" in advise(replace(EVIDENCE, **APPROVAL)).reason
