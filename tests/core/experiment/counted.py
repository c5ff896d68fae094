"""An experiment that counts its fits and takes time over them; also a program, so that it can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

from sklearn.linear_model import LogisticRegression

from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.proposal import Plan
from iterata.experiment.run import PlanRevision, execute
from iterata.results.store import to_json

FIT = LogisticRegression.fit


def run(root: Path, *, pause: float = 0.0) -> str:
    """The result of the plan in `root`, as JSON; each fit adds a line to `fits.log`, then pauses."""

    def slow_fit(model: LogisticRegression, *rows: object) -> LogisticRegression:
        with (root / "fits.log").open("a") as log:
            log.write("fit\n")
        time.sleep(pause)
        fitted: LogisticRegression = FIT(model, *rows)
        return fitted

    plan = Plan.model_validate(json.loads((root / "plan.json").read_text()))
    kpi = TargetingSpec(kind="targeting", name="sales", unit="sales", budget=0.2)
    revision = PlanRevision("p.md", "d", None, dirty=False)
    with mock.patch.object(LogisticRegression, "fit", slow_fit):
        return to_json(execute(plan, kpi, None, root, root, revision, jobs=1))


def start(root: Path, *, pause: float = 0.0) -> subprocess.Popen[str]:
    """The same in a process of its own."""
    return subprocess.Popen(
        [sys.executable, __file__, str(root), str(pause)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


if __name__ == "__main__":
    print(run(Path(sys.argv[1]), pause=float(sys.argv[2])))
