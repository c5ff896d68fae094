"""A variant may be any program. Its errors are one message each, and none of its processes survives."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.data.refusals import ThresholdOffScale
from iterata.errors import Location, RunError
from iterata.execution.refusals import ProgramFailed, ProgramNotStarted, ProgramTimedOut

from .. import counted
from ..shop import HELD_OUT, LOGISTIC, Shop, program

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

    from ....helpers.golden import Golden

TRAIN = """
import json, sys
from pathlib import Path
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

folder = Path(sys.argv[1])
task = json.loads((folder / "fold.json").read_text())
csv = task["train"].endswith("csv")
train, test = ((pd.read_csv if csv else pd.read_parquet)(folder / task[part]) for part in ("train", "test"))
model = make_pipeline(StandardScaler(), LogisticRegression(C=task["params"].get("C", 1.0)))
model.fit(train[task["features"]], train[task["target"]])
test["prediction"] = model.predict_proba(test[task["features"]])[:, 1]
predictions = test[[task["row_id"], "prediction"]].sample(frac=1, random_state=0)
(predictions.to_csv if csv else predictions.to_parquet)(folder / task["predictions"], index=False)
print("trained on", len(train))
"""
"""A typical program: it knows the files of the folder, and nothing of iterata."""

PRELUDE = "import csv, json, os, sys, time\nfrom pathlib import Path\nfolder = Path(sys.argv[1])\n"
ROWS = "rows = [line['row_id'] for line in csv.DictReader(open(folder / 'test.csv'))]\n"
CONSTANT = ROWS + "scores = {row: 0.5 for row in rows}\n"
WRITE = (
    "text = 'row_id,prediction\\n' + ''.join(f'{row},{scores[row]}\\n' for row in rows)\n"
    "(folder / 'predictions.csv').write_text(text)\n"
)


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    return Shop(tmp_path, customers, plan, sales)


def test_program_with_the_same_model_gets_the_same_figures(shop: Shop) -> None:
    """The classifier scales its columns first; a logistic regression of one column ranks alike either way."""
    shop.write("train.py", TRAIN)
    result = shop.run(program("train"), LOGISTIC, split=HELD_OUT)
    ours, theirs = result.variants
    assert (ours.kpi, ours.difference, ours.captured_share) == (
        theirs.kpi,
        theirs.difference,
        theirs.captured_share,
    )
    assert (ours.estimator, ours.features, ours.columns) == ("python train.py", "income", 1)
    assert shop.log == "trained on 200\n"
    assert not list((shop.root / ".iterata" / "folds").rglob("*.csv"))


def test_program_may_exchange_parquet_and_receives_parameters(shop: Shop) -> None:
    pytest.importorskip("pyarrow")
    shop.write("train.py", TRAIN)
    by_csv = shop.run(program("train", params={"C": 0.01}), split=HELD_OUT)
    by_parquet = shop.run(program("train", params={"C": 0.01}, format="parquet"), split=HELD_OUT)
    assert by_parquet.variants[0].kpi == by_csv.variants[0].kpi
    assert by_parquet.variants[0].params == {"C": 0.01}


RECORD_INPUT = (
    PRELUDE
    + CONSTANT
    + WRITE
    + """
here = {path.name for path in folder.iterdir()} - {"predictions.csv"}
seen = {path: (folder / path).read_text().splitlines()[0].split(",") for path in ("train.csv", "test.csv")}
Path("seen.json").write_text(json.dumps([sorted(here), seen, json.loads((folder / "fold.json").read_text())]))
"""
)


def test_program_sees_target_unit_and_time_of_training_rows_only(shop: Shop, customers: pd.DataFrame) -> None:
    shop.write("program.py", RECORD_INPUT)
    split = {"kind": "time_ordered", "column": "customer", "folds": 2}
    data = [{"name": "customers", "source": "data/customers.csv", "unit_id": "household"}]
    shop.run(program(features="all", params={"depth": 3}), split=split, data=data, features={"all": ["*"]})
    here, columns, task = json.loads((shop.project / "seen.json").read_text())
    features = ["income", "age", "town", "wealth"]
    assert here == ["fold.json", "test.csv", "train.csv"]
    assert columns == {"train.csv": ["row_id", *features, "buys", "household", "customer"],
                       "test.csv": ["row_id", *features]}  # fmt: skip
    assert task == {
        "version": 1, "variant": "program", "params": {"depth": 3}, "seed": 2, "repeat": 1, "fold": 2,
        "split": {"kind": "time_ordered", "column": "customer", "folds": 2, "learn_first": None, "gap": 0,
                  "block": None},
        "row_id": "row_id", "target": "buys", "features": features, "aside": ["household", "customer"],
        "group": None,
        "train": "train.csv", "test": "test.csv", "predictions": "predictions.csv",
    }  # fmt: skip


WRONG: dict[str, tuple[str, type[RunError]]] = {
    "exit code": ("sys.exit(3)", ProgramFailed),
    "last line": ("print('no such host', file=sys.stderr); sys.exit(1)", ProgramFailed),
    "exception": ("raise MemoryError('too much')", ProgramFailed),
    "signal": ("os.kill(os.getpid(), 9)", ProgramFailed),
    "no file": ("pass", RunError),
    "row missing": (CONSTANT + "rows.pop()\n" + WRITE, RunError),
    "row twice": (CONSTANT + "rows += rows[:2]\n" + WRITE, RunError),
    "other rows": (
        ROWS + "rows = [f'9{row}' for row in rows]\nscores = dict.fromkeys(rows, 1)\n" + WRITE,
        RunError,
    ),
    "names for rows": (ROWS + "rows = list('abc')\nscores = dict.fromkeys(rows, 1)\n" + WRITE, RunError),
    "nan": (CONSTANT + "scores[rows[3]] = 'nan'\n" + WRITE, RunError),
    "text": (CONSTANT + "scores[rows[3]] = 'high'\n" + WRITE, RunError),
    "infinite": (CONSTANT + "scores[rows[3]] = 'inf'\n" + WRITE, RunError),
    "other column": (CONSTANT + WRITE.replace("prediction", "score", 1), RunError),
    "empty file": ("(folder / 'predictions.csv').write_text('')", RunError),
    "binary file": ("(folder / 'predictions.csv').write_bytes(bytes(range(256)))", RunError),
    "half a file": (CONSTANT + WRITE + "os.truncate(folder / 'predictions.csv', 400)", RunError),
}
"""What a program may do wrong."""


@pytest.mark.parametrize(("body", "kind"), WRONG.values(), ids=WRONG)
def test_failing_program_is_refused_at_its_fold_and_other_variants_are_cached(
    shop: Shop, body: str, kind: type[RunError]
) -> None:
    shop.write("program.py", PRELUDE + body)
    error = shop.refused(program(), LOGISTIC, split=HELD_OUT)
    assert isinstance(error, kind)
    assert error.location == Location(variant="program", fold=1, repeat=1)
    assert ".iterata/logs/shop/01-setup/program-" in error.remedy
    assert "\n" not in error.message
    assert shop.cached == 1


def test_wording_of_refused_programs(shop: Shop, golden: Golden) -> None:
    errors = []
    for name, (body, _) in WRONG.items():
        if name not in (
            "other column",
            "empty file",
            "binary file",
        ):  # these are worded where tables are read
            shop.write("program.py", PRELUDE + body)
            errors.append(str(shop.refused(program(), split=HELD_OUT)))
    golden.check("programs", "\n".join(errors))


def test_missing_program_is_refused(shop: Shop) -> None:
    assert isinstance(shop.refused(program(command=["no-such-program"]), split=HELD_OUT), ProgramNotStarted)


def test_missing_file_under_reads_is_refused_before_training(shop: Shop) -> None:
    shop.write("program.py", PRELUDE + CONSTANT + WRITE)
    error = shop.refused(program(reads=["weights.bin"]), LOGISTIC)
    assert (error.location, shop.cached) == (Location(variant="program"), 0)


def test_kpi_with_threshold_refuses_scores_outside_0_to_1(shop: Shop) -> None:
    from iterata.documents.models.kpi import OutcomeValueSpec  # noqa: PLC0415

    description = {
        "kind": "outcome_value",
        "name": "sales",
        "unit": "EUR",
        "values": {"tp": 1, "fp": -1, "fn": 0, "tn": 0},
    }
    shop.write("program.py", PRELUDE + CONSTANT + "scores = dict.fromkeys(rows, 7)\n" + WRITE)
    kpi, decisions = OutcomeValueSpec.model_validate(description), {"rule": "income > 1"}
    error = shop.refused(program(), kpi=kpi, status_quo=decisions)
    assert error.location == Location(variant="program", fold=1, repeat=1)


def test_predictions_on_another_scale_than_the_threshold_are_refused(shop: Shop) -> None:
    """Of a threshold of 7, no probability would ever be a yes."""
    from iterata.documents.models.kpi import OutcomeValueSpec  # noqa: PLC0415

    values = {"tp": 1, "fp": -1, "fn": 0, "tn": 0}
    described = {"kind": "outcome_value", "name": "sales", "unit": "EUR", "values": values, "threshold": 7}
    kpi, scores = OutcomeValueSpec.model_validate(described), {"rule": "5 + 5 * (income > 1)"}
    shop.write("program.py", PRELUDE + CONSTANT + "scores = dict.fromkeys(rows, 0.9)\n" + WRITE)
    error = shop.refused(program(), kpi=kpi, status_quo=scores)
    assert type(error) is ThresholdOffScale
    assert error.location == Location(variant="program")
    shop.write(
        "program.py", PRELUDE + ROWS + "scores = {row: 5 + 5 * (int(row) % 2) for row in rows}\n" + WRITE
    )
    assert shop.run(program(), kpi=kpi, status_quo=scores).variants


def test_command_is_not_interpreted_by_a_shell(shop: Shop) -> None:
    shop.write(
        "program.py", PRELUDE + CONSTANT + WRITE + "Path('argv.json').write_text(json.dumps(sys.argv[2:]))"
    )
    arguments = ["$(touch owned)", "; touch owned", "a b", "*"]
    shop.write("program.py", (PRELUDE + CONSTANT + WRITE).replace("argv[1]", "argv[-1]")
               + "Path('argv.json').write_text(json.dumps(sys.argv[1:-1]))")  # fmt: skip
    shop.run(program(command=["python", "program.py", *arguments]))
    assert json.loads((shop.project / "argv.json").read_text()) == arguments
    assert not (shop.project / "owned").exists()


COUNT_RUNS = PRELUDE + CONSTANT + WRITE + "with open('runs.log', 'a') as log: log.write('run\\n')\n"


def test_program_runs_again_only_if_something_it_depends_on_changed(shop: Shop) -> None:
    def runs() -> int:
        log = shop.project / "runs.log"
        count = len(log.read_text().splitlines()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    shop.write("program.py", COUNT_RUNS)
    shop.write("weights.txt", "1")
    variant = program(reads=["weights.txt"])
    shop.run(variant)
    assert runs() == 6
    shop.run(variant)
    assert runs() == 0
    shop.write("weights.txt", "2")
    shop.run(variant)
    assert runs() == 6
    shop.write("helper.py", "")
    shop.run(variant)
    assert runs() == 6
    shop.run({**variant, "params": {"C": 1}})
    assert runs() == 6


HANG = (
    PRELUDE
    + """
import subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
Path("pids").write_text(f"{os.getpid()} {child.pid}")
time.sleep(60)
"""
)


def alive(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def none_alive(pids: list[int]) -> bool:
    until = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, pids))


def test_program_over_its_time_limit_is_killed_with_its_children(shop: Shop) -> None:
    shop.write("program.py", HANG)
    error = shop.refused(program(minutes=0.02), LOGISTIC, split=HELD_OUT)
    assert isinstance(error, ProgramTimedOut)
    assert (error.location, shop.cached) == (Location(variant="program", fold=1, repeat=1), 1)
    assert none_alive([int(pid) for pid in (shop.project / "pids").read_text().split()])


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_interrupted_run_kills_its_program_and_continues_later(shop: Shop, sent: signal.Signals) -> None:
    hangs_once = (
        COUNT_RUNS
        + "if len(open('runs.log').readlines()) == 3:\n"
        + "".join(f"    {line}\n" for line in HANG.removeprefix(PRELUDE).splitlines() if line)
    )
    shop.write("program.py", hangs_once)
    data = [{"name": "customers", "source": "projects/shop/data/customers.csv"}]
    plan = shop.plan(program(command=["python", "projects/shop/program.py"]), data=data)
    (shop.root / "plan.json").write_text(plan.model_dump_json())
    process = counted.start(shop.root)
    deadline = time.monotonic() + 60
    while not (shop.root / "pids").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    process.send_signal(sent)
    process.communicate(timeout=30)
    assert process.returncode != 0
    assert none_alive([int(pid) for pid in (shop.root / "pids").read_text().split()])
    assert shop.cached == 2
    counted.run(shop.root)
    assert len((shop.root / "runs.log").read_text().splitlines()) == 3 + 4


def test_scores_outside_0_to_1_have_no_threshold(shop: Shop, customers: pd.DataFrame) -> None:
    shop.write(
        "program.py", PRELUDE + CONSTANT + "scores = {row: int(row) % 7 * 10 for row in rows}\n" + WRITE
    )
    metrics = {"primary": "sales", "secondary": [{"metric": "roc_auc"}]}
    result = shop.run(program(), metrics=metrics, split={"kind": "hold_out", "rows": "customer >= 100"})
    assert result.variants[0].metrics[0].value is not None
    held_out = (customers["customer"] >= 100).to_numpy()
    buys = (customers["buys"] == "yes").to_numpy()[held_out]
    scores = np.flatnonzero(held_out) % 7
    pairs = scores[buys][:, None] - scores[~buys][None]
    assert result.variants[0].metrics[0].value.value == pytest.approx(
        ((pairs > 0) + 0.5 * (pairs == 0)).mean(), rel=1e-6
    )


def test_data_with_a_column_row_id_are_refused(shop: Shop, customers: pd.DataFrame) -> None:
    customers.rename(columns={"income": "row_id"}).to_csv(shop.project / "data/customers.csv", index=False)
    shop.write("program.py", PRELUDE)
    error = shop.refused(program(), features={"income": ["row_id"]})
    assert error.location == Location(variant="program")
