"""Libraries that are no part of scikit-learn are variants like any other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ..shop import HELD_OUT, LOGISTIC, ONCE, program

if TYPE_CHECKING:
    from ..shop import Shop


def test_lightgbm_is_fitted_as_any_estimator(shop: Shop) -> None:
    pytest.importorskip("lightgbm")
    params = {"n_estimators": 20, "num_leaves": 7, "verbose": -1}
    light = {"name": "light", "estimator": "lightgbm.LGBMClassifier", "params": params, "features": "all"}
    result = shop.run(light, LOGISTIC, split=ONCE, features={"all": ["*", "!customer"], "income": ["income"]})
    assert result.variants[0].kpi.value > result.scale.random.expectation.value
    assert "lightgbm" in result.provenance.packages
    again = {**light, "factory": "model:light", "estimator": None, "preprocess": False}
    shop.write(
        "model.py",
        "from lightgbm import LGBMClassifier\ndef light(**params):\n    return LGBMClassifier(**params)\n",
    )
    own = shop.run(again, split=ONCE, features={"all": ["*", "!customer"]})
    assert own.variants[0].kpi.value > result.scale.random.expectation.value


TORCH = """
import csv, json, sys
from pathlib import Path
import torch

folder = Path(sys.argv[1])
task = json.loads((folder / "fold.json").read_text())

def read(name):
    rows = list(csv.DictReader((folder / name).open()))
    x = torch.tensor([[float(row[column]) for column in task["features"]] for row in rows])
    return rows, x

torch.manual_seed(task["seed"])
torch.set_num_threads(1)
rows, x = read(task["train"])
y = torch.tensor([float(row[task["target"]]) for row in rows])
net = torch.nn.Sequential(torch.nn.Linear(x.shape[1], 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
steps = torch.optim.Adam(net.parameters(), lr=0.05)
for _ in range(task["params"]["steps"]):
    steps.zero_grad()
    torch.nn.functional.binary_cross_entropy_with_logits(net(x).squeeze(1), y).backward()
    steps.step()
rows, x = read(task["test"])
with torch.no_grad():
    scores = torch.sigmoid(net(x)).squeeze(1).tolist()
with (folder / task["predictions"]).open("w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow([task["row_id"], "prediction"])
    writer.writerows((row[task["row_id"]], score) for row, score in zip(rows, scores))
"""


def test_pytorch_network_is_run_as_any_program(shop: Shop) -> None:
    """`ITERATA_TORCH_PYTHON` may name the interpreter of another environment that has PyTorch."""
    python = os.environ.get("ITERATA_TORCH_PYTHON", "python")
    if python == "python":
        pytest.importorskip("torch")
    shop.write("train.py", TORCH)
    net = {**program("train"), "command": [python, "train.py"], "params": {"steps": 60}}
    result = shop.run(net, LOGISTIC, split=HELD_OUT)
    ours, theirs = result.variants
    assert ours.kpi.value == pytest.approx(theirs.kpi.value, abs=5)
