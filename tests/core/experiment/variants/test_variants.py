"""Factories of the project, files of predictions, other people's libraries: all judged by the same code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from iterata.data.sources import data_file
from iterata.errors import IterataError, RunError

from ..shop import HELD_OUT, LOGISTIC, Shop, program

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

MODEL = """
from helpers import strength
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression

class Own(ClassifierMixin, BaseEstimator):
    def __init__(self, C=1.0): self.C = C
    def fit(self, x, y):
        self.model_ = LogisticRegression(C=self.C).fit(x, y)
        self.classes_ = self.model_.classes_
        return self
    def predict_proba(self, x): return self.model_.predict_proba(x)

def own(C=None, random_state=None):
    return Own(C=C or strength)

def tree():
    from sklearn.ensemble import HistGradientBoostingClassifier
    return HistGradientBoostingClassifier(max_iter=5, categorical_features="from_dtype")

def raises(): raise ValueError("no such luck\\nsecond line")
def nothing(): return 7
def leaves(): raise SystemExit(0)
def a_class(): return LogisticRegression
class Looks:
    _estimator_type = "classifier"
    def fit(self, x, y): return self
    def predict_proba(self, x): return x
    def get_params(self, deep=True): return {}
def looks(): return Looks()
class Forgets(ClassifierMixin, BaseEstimator):
    def __init__(self, depth=1): pass
    def fit(self, x, y): return self
    def predict_proba(self, x): return x
def forgets(): return Forgets()
class Stumbles(ClassifierMixin, BaseEstimator):
    def fit(self, x, y): raise KeyError("no such luck")
    def predict_proba(self, x): return x
def stumbles(): return Stumbles()
def number():
    from sklearn.linear_model import Ridge
    return Ridge()
VALUE = 3
"""


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    made = Shop(tmp_path, customers, plan, sales)
    made.write("model.py", MODEL)
    made.write("helpers.py", "strength = 1.0\n")
    return made


def made_by(factory: str, **more: Any) -> dict[str, Any]:
    return {"name": "ours", "factory": factory, "features": "income", **more}


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_projects_own_class_is_fitted_in_any_process(shop: Shop, jobs: int) -> None:
    """It is a module of the project only: other processes have to find it for themselves."""
    result = shop.run(made_by("model:own"), LOGISTIC, jobs=jobs)
    ours, theirs = result.variants
    assert (ours.kpi, ours.difference) == (theirs.kpi, theirs.difference)
    assert (ours.estimator, ours.warnings) == ("model:own", {})


def test_a_factory_is_called_with_parameters_and_tuned(shop: Shop) -> None:
    weak = shop.run(made_by("model:own", params={"C": 1e-6}), split=HELD_OUT)
    assert weak.variants[0].params == {"C": 1e-6}
    tuned = shop.run(made_by("model:own", tune={"C": [1e-6, 1.0]}), split=HELD_OUT)
    assert [set(each) for each in tuned.variants[0].tuned] == [{"C"}]


def test_an_estimator_may_take_the_columns_as_they_are(shop: Shop) -> None:
    raw = made_by("model:tree", preprocess=False, features="all")
    result = shop.run(raw, split=HELD_OUT, features={"all": ["town", "income"]})
    assert result.variants[0].columns == 2


def test_changed_code_of_the_project_is_trained_again(shop: Shop) -> None:
    before = shop.run(made_by("model:own"), split=HELD_OUT)
    shop.run(made_by("model:own"), split=HELD_OUT)
    assert shop.kept == 1
    shop.write("model.py", MODEL.replace("C=C or strength", "C=1e-9"))
    after = shop.run(made_by("model:own"), split=HELD_OUT)
    assert (shop.kept, after.variants[0].estimator) == (2, before.variants[0].estimator)


@pytest.mark.parametrize(
    ("described", "message", "remedy"),
    [
        ({"factory": "modell:own"}, "the project has no modell.py", "did you mean model:own?"),
        ({"factory": "model:owm"}, "model.py has no function owm", "did you mean model:own?"),
        ({"factory": "model:VALUE"}, "model.py has no function VALUE", "define `def VALUE"),
        ({"factory": "model:raises"}, "model:raises cannot be made: ValueError: no such", "mend the factory"),
        ({"factory": "model:leaves"}, "model:leaves cannot be made: SystemExit: 0", "mend the factory"),
        ({"factory": "model:a_class"}, "gives a class, not an estimator", "`return LogisticRegression()`"),
        ({"factory": "model:looks"}, "an estimator that scikit-learn cannot use", "derive its class"),
        ({"factory": "model:forgets"}, "an estimator that scikit-learn cannot use", "keep each parameter"),
        ({"factory": "model:nothing"}, "model:nothing gives no scikit-learn estimator", "mend the factory"),
        ({"factory": "model:number"}, "model:number is not a classifier", "name a classifier"),
        ({"factory": "broken:own"}, "broken.py cannot be imported: ModuleNotFoundError", "install what it"),
        ({"factory": "syntax:own"}, "syntax.py cannot be imported: SyntaxError", "mend syntax.py"),
        ({"factory": "quits:own"}, "quits.py cannot be imported: SystemExit: 3", "mend quits.py"),
        ({"factory": "model:own", "params": {"c": 1}}, "model:own has no parameter c", "did you mean C?"),
        ({"factory": "model:own", "tune": {"c": [1]}}, "gives has no parameter c", "did you mean C?"),
    ],
)  # fmt: skip
def test_a_factory_that_cannot_be_used_is_told_before_anything_is_trained(
    shop: Shop, described: dict[str, Any], message: str, remedy: str
) -> None:
    shop.write("broken.py", "import a_library_nobody_has\n")
    shop.write("syntax.py", "def own(:\n")
    shop.write("quits.py", "import sys\nsys.exit(3)\n")
    refused = shop.refused(LOGISTIC, {"name": "ours", "features": "income", **described})
    assert message in refused.message
    assert remedy in refused.remedy
    assert (refused.where, shop.kept) == ("variant ours", 0)


def test_each_variant_that_fails_is_told_once_with_the_line_of_the_project(shop: Shop) -> None:
    wrong = {**LOGISTIC, "name": "wrong", "params": {"C": -1}}
    refused = shop.refused(wrong | {"name": "a third"}, made_by("model:stumbles"), wrong, LOGISTIC)
    assert isinstance(refused, RunError)
    assert refused.where == "variant a third, fold 1 of repeat 1"  # in the order of the plan
    refused, last = refused.also
    assert "amendment" in last.remedy
    assert last.remedy.endswith("then run it again: what was finished is kept")
    assert refused.remedy == "mend it there, commit it, and run again"
    at = next(n for n, line in enumerate(MODEL.splitlines(), 1) if "class Stumbles" in line) + 1
    assert refused.where == "variant ours, fold 1 of repeat 1"
    assert f"KeyError: 'no such luck' (model.py:{at}) (and in " in refused.message
    assert last.where == "variant wrong, fold 1 of repeat 1"
    assert "InvalidParameterError: The 'C' parameter" in last.message


# Files of predictions


@pytest.fixture
def scores(customers: pd.DataFrame) -> pd.DataFrame:
    """What somebody got from scikit-learn with the folds of the plan."""
    model = make_pipeline(StandardScaler(), LogisticRegression())
    buys = (customers["buys"] == "yes").astype(int)
    folds = StratifiedKFold(3, shuffle=True, random_state=1)
    found = cross_val_predict(model, customers[["income"]], buys, cv=folds, method="predict_proba")[:, 1]
    number = np.zeros(300, dtype=int)
    for count, (_, test) in enumerate(folds.split(buys, buys), 1):
        number[test] = count
    return customers[["customer"]].assign(prediction=found, fold=number).sample(frac=1, random_state=0)


ONCE = {"kind": "stratified_folds", "folds": 3, "seed": 1}


def recorded(**more: Any) -> dict[str, Any]:
    described = {"source": "data/theirs.csv", "learned_from": "the other folds", "key": "customer"}
    return {"name": "theirs", "producer": "file", **described, **more}


def test_predictions_made_elsewhere_get_the_same_figures(shop: Shop, scores: pd.DataFrame) -> None:
    scores.to_csv(shop.project / "data/theirs.csv", index=False)
    result = shop.run(recorded(), LOGISTIC, split=ONCE)
    theirs, ours = result.variants
    assert (theirs.kpi, theirs.difference) == (ours.kpi, ours.difference)
    assert (theirs.estimator, theirs.features, theirs.columns) == ("data/theirs.csv", "made elsewhere", 0)
    path = shop.project / "data/theirs.csv"
    assert result.provenance.data["projects/shop/data/theirs.csv"] == data_file.digest(path)


def test_parquet_repeats_and_rows_by_number(shop: Shop, scores: pd.DataFrame) -> None:
    pytest.importorskip("pyarrow")
    by_number = scores.rename(columns={"customer": "row_id", "prediction": "p"}).drop(columns="fold")
    twice = [by_number.assign(repeat=1), by_number.assign(repeat=2, p=1 - by_number["p"])]
    import pandas as pd  # noqa: PLC0415

    pd.concat(twice).to_parquet(shop.project / "data/theirs.parquet")
    asked = recorded(source="data/theirs.parquet", key=None, score="p")
    result = shop.run(asked, LOGISTIC, split={**ONCE, "repeats": 2})
    assert result.variants[0].kpi.value < result.variants[1].kpi.value  # half of it is upside down


def test_only_predicted_rows_need_a_prediction(shop: Shop, scores: pd.DataFrame) -> None:
    scores[scores["customer"] >= 200].drop(columns="fold").to_csv(
        shop.project / "data/theirs.csv", index=False
    )
    split = {"kind": "hold_out", "rows": "customer >= 200"}
    result = shop.run(recorded(), LOGISTIC, split=split)
    assert result.sample.rows == 100
    assert "100 rows" not in result.split
    assert result.split == "a hold-out of the rows where customer >= 200"


def spoilt(scores: pd.DataFrame, how: str) -> pd.DataFrame:
    first = scores[scores["fold"] == 1]["customer"].iloc[0]
    is_first = scores["customer"] == first
    import pandas as pd  # noqa: PLC0415

    return {
        "missing": lambda: scores[~is_first],
        "twice": lambda: pd.concat([scores, scores[is_first]]),
        "no number": lambda: scores.assign(prediction=scores["prediction"].where(~is_first)),
        "other fold": lambda: scores.assign(fold=scores["fold"].where(~is_first, 2)),
    }[how]()


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("missing", "1 of 100 rows have no prediction"),
        ("twice", "1 rows are predicted more than once"),
        ("no number", "1 predictions are not numbers"),
        ("other fold", "was predicted in fold 2, and the plan draws it into fold 1"),
    ],
)
def test_a_file_that_does_not_fit_names_variant_and_fold(
    shop: Shop, scores: pd.DataFrame, how: str, message: str
) -> None:
    spoilt(scores, how).to_csv(shop.project / "data/theirs.csv", index=False)
    refused = shop.refused(recorded(), LOGISTIC, split=ONCE)
    assert message in refused.message
    assert refused.where == "variant theirs, fold 1 of repeat 1"
    assert shop.kept == 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": "data/nothing.csv"}, "data/nothing.csv: the data file does not exist"),
        ({"score": "predicted"}, "there is no column predicted"),
        ({"key": None}, "there is no column row_id"),
        ({"key": None, "source": "data/more.csv"}, "row_id 300 is no row of the data, of 300"),
        ({"digest": f"sha256:{'0' * 64}"}, "is not the file that was approved with the plan"),
        ({"key": "household"}, "the key household does not tell rows apart"),
        ({"key": "client"}, "there is no column client"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_before_anything_is_trained(
    shop: Shop, scores: pd.DataFrame, changes: dict[str, Any], message: str
) -> None:
    scores.assign(household=0).to_csv(shop.project / "data/theirs.csv", index=False)
    scores.rename(columns={"customer": "row_id"}).assign(row_id=range(1, 301)).to_csv(
        shop.project / "data/more.csv", index=False
    )
    refused = shop.refused(recorded(**changes), LOGISTIC, split=ONCE)
    assert message in refused.message
    assert shop.kept == 0


# A disk that is full


def test_a_full_disk_is_one_message_and_keeps_what_was_finished(
    shop: Shop, customers: pd.DataFrame, tmp_path: Path
) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    import subprocess  # noqa: PLC0415

    disk = shop.root / ".iterata"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine mounts no disks")
    try:
        with pytest.raises(IterataError) as refused:
            shop.run(*({**LOGISTIC, "name": f"logistic {n}", "params": {"C": n / 10}} for n in range(1, 9)))
        assert "cannot be written: No space left on device" in refused.value.message
        assert "space left on the disk" in refused.value.remedy
        kept = shop.kept
        assert 0 < kept < 48
        shop.write("program.py", "")
        refused_program = shop.refused(program(), split=HELD_OUT)
        assert "No space left" in refused_program.message
        assert shop.kept == kept
        larger = ["mount", "-o", "remount,size=400k", str(disk)]
        subprocess.run(larger, check=True)
        shop.write("program.py", "import sys; open(sys.argv[-1] + '/big', 'wb').write(bytes(10**6))")
        filled = shop.refused(program(), split=HELD_OUT)
        assert "and no room is left on the disk of .iterata" in filled.message
        assert filled.remedy.startswith("make room there")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


# Other people's libraries


def test_lightgbm_is_a_variant_like_any_other(shop: Shop) -> None:
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
    own = shop.run(again, split=ONCE, features={"all": ["*", "!customer"]}, jobs=2)
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


def test_a_net_of_pytorch_is_a_program_like_any_other(shop: Shop) -> None:
    """`ITERATA_TORCH_PYTHON` may name the interpreter of another environment, which is how many have it."""
    python = os.environ.get("ITERATA_TORCH_PYTHON", "python")
    if python == "python":
        pytest.importorskip("torch")
    shop.write("train.py", TORCH)
    net = {**program("train"), "command": [python, "train.py"], "params": {"steps": 60}}
    result = shop.run(net, LOGISTIC, split=HELD_OUT)
    ours, theirs = result.variants
    assert ours.kpi.value == pytest.approx(theirs.kpi.value, abs=5)
