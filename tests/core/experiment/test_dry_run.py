"""A dry run finds what a run would refuse, and executes no code of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.errors import DataError, IterataError, Location
from iterata.execution.project_code import load_function
from iterata.experiment.dry_run import dry_run
from iterata.kpi import describe
from iterata.stages import Status

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

PROPOSAL = "projects/shop/01-setup/proposal.md"

TRAP = """
from pathlib import Path

Path(__file__).with_name("executed").touch()


def build(**parameters):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(**parameters)


def figure(frame, prediction, sample_weight):
    return 0.0


class Model:
    pass
"""
"""A module of the project that writes a file when it is imported or run."""

HYPOTHESES = [{"id": "H1", "claim": "It sells.", "supported_if": {"variant": "trap"}}]


@pytest.fixture
def project(tmp_path: Path, customers: pd.DataFrame) -> Path:
    folder = tmp_path / "projects" / "shop"
    (folder / "data").mkdir(parents=True)
    customers.to_csv(folder / "data" / "customers.csv", index=False)
    (folder / "trap.py").write_text(TRAP)
    return folder


def check(project: Path, plan: Plan, kpi: Any) -> None:
    dry_run(plan, kpi, None, project, project.parents[1], PROPOSAL)


@pytest.mark.parametrize(
    "origin",
    [
        {"factory": "trap:build"},
        {"estimator": "trap.Model"},
        {"producer": "command", "command": ["python", "trap.py"]},
    ],
    ids=["factory", "class", "program"],
)
def test_no_variant_of_the_project_is_executed(
    project: Path,
    plan: Callable[..., Plan],
    sales: TargetingSpec,
    origin: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(str(project))
    trap = {"name": "trap", "features": "income", **origin}
    check(project, plan(variants=[trap], hypotheses=HYPOTHESES), sales)
    assert not (project / "executed").exists()


def test_no_kpi_of_the_project_is_executed(project: Path, plan: Callable[..., Plan]) -> None:
    kpi = describe("python", name="sales", unit="EUR", function="trap:figure")
    check(project, plan(), kpi)
    assert not (project / "executed").exists()


def test_trap_detects_executed_code(project: Path) -> None:
    load_function(project, "trap:build")
    assert (project / "executed").exists()


def test_approval_executes_no_code_of_the_project(base: KnowledgeBase, iterata: CommandLine) -> None:
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    rows = "".join(f"{n % 7},{n % 90},{'blue' if n % 2 else 'red'},{n * n % 5 % 2}\n" for n in range(60))
    base.write("projects/churn/data/customers.csv", f"newness,age,tariff,left\n{rows}")
    base.write("projects/churn/trap.py", TRAP)
    base.document("churn/01-setup/assessment", Status.APPROVED)
    base.result("churn/01-setup", "lift")
    base.document("churn/01-setup/proposal")
    trap = {"name": "trap", "factory": "trap:build", "features": "all"}
    base.set("churn/01-setup/proposal", "plan.variants", [trap])
    base.set("churn/01-setup/proposal", "plan.hypotheses", HYPOTHESES)
    proposal = "projects/churn/01-setup/proposal.md"
    iterata("move", proposal, "in_review").fine()
    iterata("move", proposal, "approved", "--as", "product", "--as", "data science").fine()
    assert "status: approved" in base.read(proposal)
    assert not (base.root / "projects/churn/executed").exists()


def test_plan_that_does_not_fit_its_data_is_refused(
    project: Path, plan: Callable[..., Plan], sales: TargetingSpec
) -> None:
    with pytest.raises(DataError) as refused:
        check(project, plan(features={"all": ["*"], "income": ["incom"]}), sales)
    assert refused.value.location == Location(PROPOSAL, field=("plan", "features", "income", 0))


def test_recorded_predictions_are_checked_for_every_fold(
    project: Path, plan: Callable[..., Plan], sales: TargetingSpec
) -> None:
    """The file has a prediction for every row but one."""
    (project / "predictions.csv").write_text(
        "row_id,prediction\n" + "".join(f"{row},0.5\n" for row in range(299))
    )
    recorded = {
        "name": "trap",
        "producer": "file",
        "source": "predictions.csv",
        "learned_from": "other customers",
    }
    with pytest.raises(IterataError) as refused:
        check(project, plan(variants=[recorded], hypotheses=HYPOTHESES), sales)
    expected = Location(variant="trap", repeat=1, data="predictions.csv")
    assert refused.value.location._replace(fold=None) == expected
