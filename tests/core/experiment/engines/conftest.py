"""A plan that any engine can run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.experiment.engines.base import LOCAL, Engine
from iterata.experiment.run import PlanRevision, execute

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan
    from iterata.results import ExperimentResult


REVISION = PlanRevision("projects/shop/01-setup/proposal.md", f"sha256:{'0' * 64}", "abc123", dirty=False)
FACTORY = """
import os, time
from pathlib import Path
from sklearn.linear_model import LogisticRegression

LOG = Path(__file__).with_name("fits.log")

class Slow(LogisticRegression):
    def fit(self, X, y):
        with LOG.open("a") as log:
            log.write(f"{os.getpid()}\\n")
        time.sleep(0.3)
        return super().fit(X, y)

def slow(C=1.0):
    return Slow(C=C)
"""


VARIANTS = [
    {"name": "logistic", "factory": "model:slow", "features": "all"},
    {"name": "forest", "estimator": "sklearn.ensemble.ExtraTreesClassifier", "features": "all"},
]


@pytest.fixture
def run(
    tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec
) -> Callable[..., ExperimentResult]:
    """Runs the plan, in a separate repository for each name."""

    def run_in(name: str, engine: Engine = LOCAL) -> ExperimentResult:
        project = tmp_path / name / "projects" / "shop"
        (project / "data").mkdir(parents=True, exist_ok=True)
        customers.to_csv(project / "data" / "customers.csv", index=False)
        (project / "model.py").write_text(FACTORY)
        root = tmp_path / name
        return execute(plan(variants=VARIANTS), sales, None, project, root, REVISION, jobs=1, engine=engine)

    return run_in
