"""Whatever ends a run, what was finished stays, and the next run goes on from there."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from iterata.documents.models.proposal import Plan

SCRIPT = Path(__file__).parents[1] / "interrupted.py"


class Experiment:
    """An experiment of six fits, run in processes that may be ended."""

    def __init__(self, root: Path, plan: Plan, customers: pd.DataFrame) -> None:
        self.root, self.log = root, root / "fits.log"
        (root / "data").mkdir()
        customers.to_csv(root / "data" / "customers.csv", index=False)
        (root / "plan.json").write_text(plan.model_dump_json())

    def start(self, *, pause: float = 0.0, jobs: int = 1) -> subprocess.Popen[str]:
        self.log.write_text("")
        return subprocess.Popen(
            [sys.executable, str(SCRIPT), str(self.root), str(jobs)],
            env={**os.environ, "FITS": str(self.log), "PAUSE": str(pause)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self) -> dict[str, Any]:
        said, complaint = self.start().communicate(timeout=60)
        assert not complaint
        result: dict[str, Any] = json.loads(said)
        del result["provenance"]
        return result

    @property
    def fits(self) -> int:
        return len(self.log.read_text().splitlines())

    def wait_for(self, fits: int) -> None:
        until = time.monotonic() + 60
        while self.fits < fits:
            assert time.monotonic() < until
            time.sleep(0.02)


@pytest.fixture(scope="module")
def experiment(
    tmp_path_factory: pytest.TempPathFactory, plan: Callable[..., Plan], customers: pd.DataFrame
) -> Callable[[], Experiment]:
    only = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}
    return lambda: Experiment(tmp_path_factory.mktemp("shop"), plan(variants=[only]), customers)


@pytest.fixture(scope="module")
def undisturbed(experiment: Callable[[], Experiment]) -> dict[str, Any]:
    """What comes out if nothing goes wrong."""
    quiet = experiment()
    result = quiet.finish()
    assert quiet.fits == 6
    return result


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_ended_goes_on_and_says_the_same(
    experiment: Callable[[], Experiment], undisturbed: dict[str, Any], ending: signal.Signals
) -> None:
    ended = experiment()
    process = ended.start(pause=0.5)
    ended.wait_for(4)  # three are finished and kept, the fourth is under way
    os.killpg(process.pid, ending)
    said, _ = process.communicate(timeout=60)
    assert (said, process.returncode != 0) == ("", True)

    assert ended.finish() == undisturbed
    assert ended.fits == 3
    assert ended.finish() == undisturbed
    assert ended.fits == 0
