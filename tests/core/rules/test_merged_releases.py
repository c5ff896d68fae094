"""What a wrong resolution of a merge leaves in a release is told, and the fix works as it is written."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from iterata.actions.agree import RoleAgreement
from iterata.actions.move import move
from iterata.actions.release_steps import StepOptions
from iterata.stages import Status

from ...helpers.knowledge_base import KnowledgeBase
from ...helpers.releases import DEPLOYMENT, RESULTS, planned_release, result_of

if TYPE_CHECKING:
    from pathlib import Path

    from iterata.problems import Problem

FIRST, THIRD = date(2026, 6, 1), date(2026, 6, 15)
RESULT = f"{RESULTS}/rollout-10.json"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release that has reached everybody."""
    base = planned_release(KnowledgeBase(tmp_path_factory.mktemp("release") / "base"))
    for day, share in ((FIRST, None), (FIRST + timedelta(days=7), 0.25), (THIRD, 1.0)):
        agreements = (RoleAgreement("product", None),) if share == 1 else ()
        options = StepOptions(phase=share, agreements=agreements)
        move(base.context(DEPLOYMENT), Status.ROLLING_OUT, agreements, day, base.root, options)
        if share != 1:
            result_of(base, share or 0.1, approval="product" if share else "")
    assert base.problems() == []
    return base.root


@pytest.fixture
def released(template: Path, tmp_path: Path) -> KnowledgeBase:
    copy = KnowledgeBase(tmp_path / "copy")
    shutil.copytree(template, copy.root, dirs_exist_ok=True)
    return copy


def only(base: KnowledgeBase, code: str) -> Problem:
    (problem,) = base.problems(code)
    return problem


@pytest.mark.parametrize(
    ("kept", "told", "fix"),
    [((0, 0, 1, 2), "two phases have the share 0.1", "remove"), ((1, 0, 2), "0.25", "order")],
)
def test_phases_of_both_sides_or_in_another_order(
    released: KnowledgeBase, kept: tuple[int, ...], told: str, fix: str
) -> None:
    phases = released.parsed(DEPLOYMENT).data["phases"]
    released.set(DEPLOYMENT, "phases", [phases[index] for index in kept])
    problem = only(released, "DOC008")
    assert told in problem.message
    assert fix in problem.remedy


def test_lost_agreement_is_written_into_its_phase(released: KnowledgeBase) -> None:
    """No command ends a phase again, so none can record who agreed to its end."""
    released.set(DEPLOYMENT, "phases[1].approved", None)
    problem = only(released, "GATE022")
    assert problem.field == "phases[1].ended"
    assert "`approved: [{role: product, on: 2026-06-15}]`" in problem.remedy
    released.set(DEPLOYMENT, "phases[1].approved", [{"role": "product", "on": "2026-06-15"}])
    assert released.problems() == []


def test_lost_end_of_a_phase_can_be_written_again(released: KnowledgeBase) -> None:
    released.set(DEPLOYMENT, "phases[1].ended", None)
    problem = only(released, "REL001")
    assert "`ended:` into the phase of 25 %" in problem.remedy
    released.set(DEPLOYMENT, "phases[1].ended", "2026-06-15")
    assert released.problems() == []


def test_lost_result_is_not_replaced_by_that_of_another_phase(released: KnowledgeBase) -> None:
    (released.root / RESULT).unlink()
    problem = only(released, "LIFE021")
    assert problem.field == "phases[0].result"
    assert "rollout-" not in problem.remedy
    assert "iterata rollout churn/01-setup --phase 10`" in only(released, "GATE022").remedy


def test_unresolved_conflict_in_a_result_is_told_in_its_line(released: KnowledgeBase) -> None:
    lines = released.read(RESULT).splitlines()
    conflict = [*lines[:5], "<<<<<<< HEAD", lines[5], "=======", lines[5], ">>>>>>> main", *lines[6:]]
    released.write(RESULT, "\n".join(conflict))
    problem = only(released, "RES001")
    assert (problem.path, problem.position.line) == (RESULT, 6)
    assert "conflict of a Git merge" in problem.message
    assert "iterata rollout churn/01-setup --phase 10`" in problem.remedy  # Git has no earlier version
    assert only(released, "GATE022").remedy == problem.remedy
