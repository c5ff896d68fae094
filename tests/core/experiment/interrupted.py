"""Run by `test_resume` in a process of its own: an experiment whose fits are counted, and take their time."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from sklearn.linear_model import LogisticRegression

from iterata.documents.models.kpi import TargetingSpec
from iterata.documents.models.proposal import Plan
from iterata.experiment.run import PlanRevision, execute
from iterata.results.store import to_json

FIT = LogisticRegression.fit


def slow_fit(model: LogisticRegression, *rows: object) -> LogisticRegression:
    with Path(os.environ["FITS"]).open("a") as log:
        log.write("fit\n")
    time.sleep(float(os.environ["PAUSE"]))
    fitted: LogisticRegression = FIT(model, *rows)
    return fitted


def main() -> None:
    root = Path(sys.argv[1])
    LogisticRegression.fit = slow_fit
    plan = Plan.model_validate(json.loads((root / "plan.json").read_text()))
    kpi = TargetingSpec(kind="targeting", name="sales", unit="sales", budget=0.2)
    result = execute(
        plan, kpi, None, root, root, PlanRevision("p.md", "d", None, dirty=False), jobs=int(sys.argv[2])
    )
    print(to_json(result))


if __name__ == "__main__":
    main()
