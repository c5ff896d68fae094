"""An interrupted run keeps its finished folds, and the next run continues from there."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from .. import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.proposal import Plan


class Experiment:
    """An experiment of six fits."""

    def __init__(self, root: Path, plan: Plan, customers: pd.DataFrame) -> None:
        self.root = root
        (root / "data").mkdir()
        customers.to_csv(root / "data" / "customers.csv", index=False)
        (root / "plan.json").write_text(plan.model_dump_json())

    def finish(self) -> dict[str, Any]:
        """The result without its provenance."""
        (self.root / "fits.log").write_text("")
        result: dict[str, Any] = json.loads(counted.run(self.root))
        del result["provenance"]
        return result

    @property
    def fits(self) -> int:
        log = self.root / "fits.log"
        return len(log.read_text().splitlines()) if log.exists() else 0

    def wait_for_fits(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while self.fits < count:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.fixture(scope="module")
def experiment(
    tmp_path_factory: pytest.TempPathFactory, plan: Callable[..., Plan], customers: pd.DataFrame
) -> Callable[[], Experiment]:
    logistic = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
    return lambda: Experiment(tmp_path_factory.mktemp("shop"), plan(variants=[logistic]), customers)


@pytest.fixture(scope="module")
def expected(experiment: Callable[[], Experiment]) -> dict[str, Any]:
    """The result of a run that is not interrupted."""
    uninterrupted = experiment()
    result = uninterrupted.finish()
    assert uninterrupted.fits == 6
    return result


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
def test_interrupted_run_continues_with_the_same_result(
    experiment: Callable[[], Experiment], expected: dict[str, Any], sent: signal.Signals
) -> None:
    interrupted = experiment()
    process = counted.start(interrupted.root, pause=0.5)
    interrupted.wait_for_fits(4)  # three are finished and cached, the fourth is being fitted
    os.killpg(process.pid, sent)
    output, _ = process.communicate(timeout=60)
    assert (output, process.returncode != 0) == ("", True)

    assert interrupted.finish() == expected
    assert interrupted.fits == 3
    assert interrupted.finish() == expected
    assert interrupted.fits == 0
