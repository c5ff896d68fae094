"""An experiment against a script that does the same: time, memory, and the time of a second run."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import psutil  # type: ignore[import-untyped]

from benchmarks.pairs import ENVIRONMENT, Command, Comparison, compare, script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

N_ROWS, N_FEATURES = 20_000, 20
PAIRS = 3
REF = "caravan-policies/01-setup"

DATA = """  data:
    source: data/rows.csv
    made_by: drawn by chance
    target: bought
    status_quo: {column: f0, label: the first feature}
  period:"""

PLAN = """plan:
  split: {kind: stratified_folds, folds: 5, repeats: 2, seed: 1}
  metrics: {primary: policies sold, secondary: [{metric: roc_auc}, {metric: average_precision}]}
  features: {all: ["f*"]}
  variants:
    - {name: forest, estimator: sklearn.ensemble.RandomForestClassifier, params: {n_estimators: 60, min_samples_leaf: 20}, features: all, preprocess: false}
    - {name: trees, estimator: sklearn.ensemble.ExtraTreesClassifier, params: {n_estimators: 100, min_samples_leaf: 20}, features: all, preprocess: false}
    - {name: boosted, estimator: sklearn.ensemble.HistGradientBoostingClassifier, params: {max_iter: 200}, features: all, preprocess: false}
  hypotheses: [{id: H1, claim: Forests find more., supported_if: {variant: forest}}]
infrastructure:"""  # noqa: E501  # one line per variant

BY_HAND = """
import json
import numpy as np, pandas as pd
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

rows = pd.read_csv("projects/caravan-policies/data/rows.csv")
features, bought = rows.filter(regex="^f"), rows["bought"].to_numpy()
models = {
    "forest": RandomForestClassifier(n_estimators=60, min_samples_leaf=20, random_state=0),
    "trees": ExtraTreesClassifier(n_estimators=100, min_samples_leaf=20, random_state=0),
    "boosted": HistGradientBoostingClassifier(max_iter=200, random_state=0),
}
means = {}
for name, model in models.items():
    figures = []
    for repeat in range(2):
        folds = StratifiedKFold(5, shuffle=True, random_state=1 + repeat)
        score = cross_val_predict(model, features, bought, cv=folds, n_jobs=2, method="predict_proba")[:, 1]
        top = bought[np.argsort(-score)[: len(score) // 5]].sum()
        figures.append([top, roc_auc_score(bought, score), average_precision_score(bought, score)])
    means[name] = np.mean(figures, axis=0).tolist()
print(json.dumps(means))
"""

NAIVE = """
import numpy as np
from sklearn.metrics import roc_auc_score
rng = np.random.default_rng(0)
score = rng.normal(size=1_000_000)
truth = rng.random(len(score)) < 1 / (1 + np.exp(3 - score))
for _ in range(20):
    rows = rng.integers(0, len(score), len(score))
    roc_auc_score(truth[rows], score[rows])
"""

IMPORTS_AND_SLEEP = """
import time
import iterata.experiment.run, iterata_cli.main, rich, sklearn.ensemble
time.sleep(1)
"""

SCORES = """
import numpy as np
from iterata.documents.models.proposal import Plan
from iterata.documents.models.enums import STATUS_QUO
from iterata.experiment.analysis.compare import compare
from iterata.kpi import describe
from iterata.measure.outcomes import Outcomes
from iterata.measure.predictions import column
from iterata.measure.kpi_scale import KpiScale

rng = np.random.default_rng(0)
score = rng.normal(size=1_000_000)
chance = 1 / (1 + np.exp(3 - score))
truth = (rng.random(len(score)) < chance).astype(float)
metrics = ["roc_auc", "average_precision", "neg_log_loss", "neg_brier_score", "accuracy"]
names = [f"v{number}" for number in range(5)]
plan = Plan.model_validate({
    "data": [{"name": "rows", "source": "rows.csv"}],
    "target": {"column": "bought", "made_by": "chance"},
    "split": {"kind": "stratified_folds", "folds": 5},
    "status_quo": {"column": "today"},
    "metrics": {"primary": "sales", "secondary": [{"metric": metric} for metric in metrics]},
    "features": {"all": ["f*"]},
    "variants": [{"name": name, "producer": "file", "source": f"{name}.csv", "learned_from": "chance"} for name in names],
    "hypotheses": [{"id": "H1", "claim": "It helps.", "supported_if": {"variant": "v0"}}],
    "resamples": 2000,
})
columns = {name: [column(np.clip(chance + rng.normal(scale=0.01, size=len(chance)), 0, 1))] for name in (STATUS_QUO, *names)}
kpi = describe("targeting", name="sales", budget=0.2, unit="policies")
outcomes = Outcomes(truth)
kpi_scale = KpiScale.of(kpi, outcomes, columns[STATUS_QUO][0].values, None, None)
compare(plan, kpi_scale, columns, units=None, plan_segments=[], guardrail_masks={})
"""  # noqa: E501  # one line per key


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """Time and memory of the command, and the time of a second one."""
    folder = _knowledge_base(root, scratch / "runs")
    iterata = script("iterata")
    again = Command([iterata, "run", REF, "--draft", "--jobs", "2"], folder)
    fresh = Command(["sh", "-c", f"rm -rf .iterata; {' '.join(again.words)}"], folder)
    by_hand = _python(BY_HAND, folder)
    yield compare("run of 3 x 10 folds", fresh, "script by hand", by_hand, 1.1, pairs=PAIRS, warm_ups=0)
    ours, theirs = _peak(fresh), _peak(by_hand)
    yield Comparison("its memory", "script by hand", 1.3, ours, theirs, ours / theirs, "MB")
    yield compare(
        "a finished run again",
        again,
        "imports, a second",
        _python(IMPORTS_AND_SLEEP, folder),
        1.0,
        pairs=PAIRS,
    )
    scores, naive = _python(SCORES, folder), _python(NAIVE, folder)
    yield compare(
        "1 M rows x 5 x 6, intervals", scores, "AUC, 20 resamples", naive, 1.0, pairs=PAIRS, warm_ups=0
    )


def _python(code: str, folder: Path) -> Command:
    return Command([sys.executable, "-c", code], folder)


def _knowledge_base(root: Path, folder: Path) -> Path:
    """The example's first iteration with another plan, and with other rows in its assessment."""
    example, project = root / "projects/caravan-policies", folder / "projects/caravan-policies"
    (project / "01-setup").mkdir(parents=True)
    (project / "data").mkdir()
    (folder / "mkdocs.yml").write_text("site_name: runs\nplugins: [iterata]\n", "utf-8")
    for name in ("requirements.md", "01-setup/assessment.md", "01-setup/proposal.md"):
        text = (example / name).read_text("utf-8")
        text = text.replace("status: approved", "status: draft", 1) if "proposal" in name else text
        text = re.sub(r"^  data:\n.*?^  period:", lambda _: DATA, text, flags=re.M | re.S)
        text = re.sub(r"^plan:\n.*?^infrastructure:", lambda _: PLAN, text, flags=re.M | re.S)
        (project / name).write_text(re.sub(r"^plan_digest: .*\n", "", text, flags=re.M), "utf-8")
    rng = np.random.default_rng(0)
    features = rng.normal(size=(N_ROWS, N_FEATURES))
    log_odds = features[:, 0] + features[:, 1] * features[:, 2] - 3
    bought = rng.random(N_ROWS) < 1 / (1 + np.exp(-log_odds))
    rows = pd.DataFrame(features, columns=[f"f{number}" for number in range(N_FEATURES)])
    rows.assign(bought=bought.astype(int)).to_csv(project / "data/rows.csv", index=False)
    return folder


def _peak(command: Command) -> float:
    """The peak memory of a command and its children, in gigabytes; shared memory counts once."""
    running = subprocess.Popen(
        command.words,
        cwd=command.folder,
        env=ENVIRONMENT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    samples = [0]

    def watch() -> None:
        process = psutil.Process(running.pid)
        while running.poll() is None:
            total = 0
            for member in (process, *process.children(recursive=True)):
                try:
                    total += member.memory_full_info().pss
                except psutil.Error:  # it ended meanwhile
                    continue
            samples.append(total)
            time.sleep(0.05)

    watcher = Thread(target=watch)
    watcher.start()
    running.wait()
    watcher.join()
    if running.returncode:
        raise subprocess.CalledProcessError(running.returncode, command.words)
    return max(samples) / 1e9
