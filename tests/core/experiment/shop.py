"""A project with a plan, for experiments that run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iterata.errors import IterataError
from iterata.experiment.run import PlanRevision, execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult

REVISION = PlanRevision("projects/shop/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)
ONCE = {"kind": "stratified_folds", "folds": 3, "seed": 1}
HELD_OUT = {"kind": "hold_out", "share": 1 / 3, "seed": 1}
LOGISTIC = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "income"}


class Shop:
    """A project with data, code and programs."""

    def __init__(
        self, root: Path, customers: pd.DataFrame, plan: Callable[..., Plan], kpi: TargetingSpec
    ) -> None:
        self.root, self.kpi, self._plan = root, kpi, plan
        self.project = root / "projects" / "shop"
        (self.project / "data").mkdir(parents=True)
        customers.to_csv(self.project / "data" / "customers.csv", index=False)

    def write(self, name: str, text: str) -> None:
        (self.project / name).write_text(text)

    def plan(self, *variants: dict[str, Any], **changes: Any) -> Plan:
        supported_if = {"variant": variants[0]["name"]}
        hypotheses = [{"id": "H1", "claim": "It sells.", "supported_if": supported_if}]
        return self._plan(variants=list(variants), hypotheses=hypotheses, **changes)

    def run(
        self, *variants: dict[str, Any], jobs: int = 1, kpi: Any = None, **changes: Any
    ) -> ExperimentResult:
        plan = self.plan(*variants, **changes)
        return execute(plan, kpi or self.kpi, None, self.project, self.root, REVISION, jobs=jobs)

    def refused(self, *variants: dict[str, Any], **changes: Any) -> IterataError:
        with pytest.raises(IterataError) as raised:
            self.run(*variants, **changes)
        return raised.value

    @property
    def cached(self) -> int:
        """The number of cached folds."""
        return len(list((self.root / ".iterata" / "cache").rglob("*.npz")))

    @property
    def log(self) -> str:
        (path,) = (self.root / ".iterata" / "logs").rglob("repeat-1-fold-1.log")
        return path.read_text()


def program(name: str = "program", **more: Any) -> dict[str, Any]:
    command = ["python", f"{name}.py"]
    return {"name": name, "producer": "command", "command": command, "features": "income", **more}
