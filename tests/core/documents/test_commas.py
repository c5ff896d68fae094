"""Decimal commas in the parameters of an estimator, which YAML reads as two keys."""

from __future__ import annotations

import pytest

from iterata.documents import parse
from iterata.stages import Stage

from ...helpers import samples

BEFORE = "      features: all  # The name of its feature set.\n"


def _problems(line: str) -> list[tuple[str, str]]:
    text = samples.document(Stage.PROPOSAL, None)
    assert BEFORE in text
    document = parse(
        "proposal.md", Stage.PROPOSAL, text.replace(BEFORE, f"{BEFORE}      {line}\n", 1).encode()
    )
    return [(problem.field, problem.remedy) for problem in document.problems]


@pytest.mark.parametrize(
    ("line", "field", "written"),
    [
        ("params: {C: 0,5}", "params.C", "`C: 0.5`"),
        ("params: {C: 0,5, max_iter: 10}", "params.C", "`C: 0.5`"),
        ("params: {max_iter: 1,000}", "params.max_iter", "`max_iter: 1000`"),
        ("tune: {C: 0,5}", "tune.C", "`C: 0.5`"),
    ],
)
def test_parameter_with_a_comma_has_one_fix(line: str, field: str, written: str) -> None:
    ((place, remedy),) = _problems(line)
    assert place == f"plan.variants[0].{field}"
    assert written in remedy


@pytest.mark.parametrize(
    "line", ["params: {C: 0.5, max_depth: }", "params: {clf__C: 1}", "tune: {C: [0.1, 1]}"]
)
def test_other_parameters_are_accepted(line: str) -> None:
    assert _problems(line) == []


def test_key_that_is_no_name_is_refused() -> None:
    assert [field for field, _ in _problems("params: {max depth: 3}")] == ["plan.variants[0].params"]
