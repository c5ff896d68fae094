"""What a plan drops of the plan that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.documents.models.dropped import dropped
from iterata.documents.models.proposal import Plan
from iterata.stages import Stage

from ...helpers import samples

if TYPE_CHECKING:
    from collections.abc import Iterator

GUARDRAIL = {"name": "calls to the elderly", "share_of": "age > 70", "better": "lower", "margin": 0.05}
BEFORE = {"all": ["*", "!tariff", "!c_*"], "few": ["age"]}


def plan(**changes: Any) -> Plan:
    return Plan.model_validate(samples.data(Stage.PROPOSAL)["plan"] | changes)


def names(before: Plan, after: Plan) -> Iterator[str]:
    lost = before.data[0].known_afterwards - after.data[0].known_afterwards
    return (drop.name for drop in dropped(after, before, lost))


@pytest.mark.parametrize(
    ("features", "lost"),
    [
        (["*", "!tariff", "!c_*"], []),
        (["age", "newness"], []),
        (["*", "!c_*"], ["tariff"]),
        (["!tariff", "!c_*", "*"], ["tariff", "c_*"]),
        (["*", "!c_*", "!t*"], []),
        (["age", "c_1"], ["c_*"]),
        (["age", "tariff"], ["tariff"]),
        (["*", "!tariff", "!c_1"], ["c_*"]),
    ],
)
def test_an_excluded_column_that_a_set_lets_in_is_dropped(features: list[str], lost: list[str]) -> None:
    assert list(names(plan(features=BEFORE), plan(features={"new": features}))) == lost


def test_a_column_that_another_set_had_was_not_excluded() -> None:
    before = plan(features={"all": ["*", "!tariff"], "tariffs": ["tariff"]})
    assert list(names(before, plan(features={"new": ["*"]}))) == []


@pytest.mark.parametrize(
    ("changes", "is_dropped"),
    [({}, False), ({"margin": 0.01}, False), ({"margin": 0.06}, True), ({"share_of": "age > 90"}, True),
     ({"better": "higher"}, True), ({"name": "calls to the old"}, True)],
)  # fmt: skip
def test_a_guardrail_is_dropped_if_it_guards_less(changes: dict[str, Any], is_dropped: bool) -> None:
    after = plan(metrics={"primary": "customers kept", "guardrail": [GUARDRAIL | changes]})
    assert list(names(plan(), after)) == (["calls to the elderly"] if is_dropped else [])


def test_a_column_known_afterwards_is_dropped_if_a_set_lets_it_in() -> None:
    data = {"name": "rows", "source": "data/customers.csv"}
    before = plan(data=[data | {"known_after": ["reason"]}])
    assert list(names(before, plan(data=[data]))) == ["reason"]
    assert list(names(before, plan(data=[data | {"columns": {"reason": "known_after"}}]))) == []
    assert list(names(before, plan(data=[data], features={"all": ["age"]}))) == []
