"""Any program may make predictions; what it does wrong is told in one message, and nothing of it stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from iterata.errors import RunError

from ..shop import HELD_OUT, LOGISTIC, Shop, program

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from iterata.documents.models.kpi import TargetingSpec
    from iterata.documents.models.proposal import Plan

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
train, test = ((pd.read_csv if csv else pd.read_parquet)(folder / task[each]) for each in ("train", "test"))
model = make_pipeline(StandardScaler(), LogisticRegression(C=task["params"].get("C", 1.0)))
model.fit(train[task["features"]], train[task["target"]])
test["prediction"] = model.predict_proba(test[task["features"]])[:, 1]
said = test[[task["row_id"], "prediction"]].sample(frac=1, random_state=0)
(said.to_csv if csv else said.to_parquet)(folder / task["predictions"], index=False)
print("trained on", len(train))
"""
"""A program somebody may have written: it knows the folder's files and nothing of iterata."""

PRELUDE = "import csv, json, os, sys, time\nfrom pathlib import Path\nfolder = Path(sys.argv[1])\n"
ROWS = "rows = [line['row_id'] for line in csv.DictReader(open(folder / 'test.csv'))]\n"
CONSTANT = ROWS + "said = {row: 0.5 for row in rows}\n"
WRITE = (
    "text = 'row_id,prediction\\n' + ''.join(f'{row},{said[row]}\\n' for row in rows)\n"
    "(folder / 'predictions.csv').write_text(text)\n"
)


@pytest.fixture
def shop(tmp_path: Path, customers: pd.DataFrame, plan: Callable[..., Plan], sales: TargetingSpec) -> Shop:
    return Shop(tmp_path, customers, plan, sales)


def test_a_program_that_does_what_a_classifier_does_gets_the_same_figures(shop: Shop) -> None:
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


def test_tables_may_be_parquet_and_parameters_are_handed_on(shop: Shop) -> None:
    pytest.importorskip("pyarrow")
    shop.write("train.py", TRAIN)
    by_csv = shop.run(program("train", params={"C": 0.01}), split=HELD_OUT)
    by_parquet = shop.run(program("train", params={"C": 0.01}, format="parquet"), split=HELD_OUT)
    assert by_parquet.variants[0].kpi == by_csv.variants[0].kpi
    assert by_parquet.variants[0].params == {"C": 0.01}


LOOK = (
    PRELUDE
    + CONSTANT
    + WRITE
    + """
here = {path.name for path in folder.iterdir()} - {"predictions.csv"}
seen = {path: (folder / path).read_text().splitlines()[0].split(",") for path in ("train.csv", "test.csv")}
Path("seen.json").write_text(json.dumps([sorted(here), seen, json.loads((folder / "fold.json").read_text())]))
"""
)


def test_what_a_program_sees(shop: Shop, customers: pd.DataFrame) -> None:
    """The target, the unit and the time stand beside training rows only."""
    shop.write("program.py", LOOK)
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
        "split": {"kind": "time_ordered", "column": "customer", "folds": 2, "learn_first": None, "gap": 0},
        "row_id": "row_id", "target": "buys", "features": features, "aside": ["household", "customer"],
        "group": None,
        "train": "train.csv", "test": "test.csv", "predictions": "predictions.csv",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("body", "message", "remedy"),
    [
        ("sys.exit(3)", "ended with exit code 3", "logs/shop/01-setup/program-"),
        ("print('bad luck', file=sys.stderr); sys.exit(1)", "ended with exit code 1: bad luck", "mend the"),
        ("raise MemoryError('too much')", "ended with exit code 1: MemoryError: too much", "read .iterata/"),
        ("os.kill(os.getpid(), 9)", "was ended by SIGKILL", "read .iterata/logs"),
        ("pass", "ended without writing predictions.csv", "row_id and prediction; its log is .iterata/logs"),
        (CONSTANT + "rows.pop()\n" + WRITE, "1 of 100 rows have no prediction", "one line for each row"),
        (CONSTANT + "rows += rows[:2]\n" + WRITE, "2 rows are predicted more than once", "one line for"),
        (ROWS + "rows = [f'9{row}' for row in rows]\nsaid = dict.fromkeys(rows, 1)\n" + WRITE,
         "predictions are for rows that were not asked for, such as 9", "one line for each row"),
        (ROWS + "rows = list('abc')\nsaid = dict.fromkeys(rows, 1)\n" + WRITE,
         "3 predictions are for rows that were not asked for, such as a", "one line for each row"),
        (CONSTANT + "said[rows[3]] = 'nan'\n" + WRITE, "1 predictions are not numbers, such as n", "finite"),
        (CONSTANT + "said[rows[3]] = 'high'\n" + WRITE, "1 predictions are not numbers, such as h", "finite"),
        (CONSTANT + "said[rows[3]] = 'inf'\n" + WRITE, "1 predictions are not numbers, such as in", "finite"),
        (CONSTANT + WRITE.replace("prediction", "score", 1), "there is no column prediction", "use one of"),
        ("(folder / 'predictions.csv').write_text('')", "predictions.csv: is empty", "its log is"),
        ("(folder / 'predictions.csv').write_bytes(bytes(range(256)))", "predictions.csv: ", "its log is"),
        (CONSTANT + WRITE + "os.truncate(folder / 'predictions.csv', 400)", "predictions.csv: ", "its log"),
    ],
)  # fmt: skip
def test_what_a_program_does_wrong_names_variant_and_fold_and_the_others_are_kept(
    shop: Shop, body: str, message: str, remedy: str
) -> None:
    shop.write("program.py", PRELUDE + body)
    refused = shop.refused(program(), LOGISTIC, split=HELD_OUT)
    assert message in refused.message
    assert remedy in refused.remedy
    assert refused.where == "variant program, fold 1 of repeat 1"
    assert shop.kept == 1
    assert "\n" not in refused.message


def test_a_program_that_cannot_be_started_is_told_by_its_name(shop: Shop) -> None:
    refused = shop.refused(program(command=["no-such-program"]))
    assert refused.message.startswith("no-such-program cannot be started: No such file")
    assert "install it" in refused.remedy


def test_what_the_plan_says_a_program_reads_has_to_be_there(shop: Shop) -> None:
    shop.write("program.py", PRELUDE + CONSTANT + WRITE)
    refused = shop.refused(program(reads=["weights.bin"]), LOGISTIC)
    assert (refused.where, shop.kept) == ("variant program", 0)
    assert "weights.bin cannot be read" in refused.message


def test_a_threshold_asks_programs_for_probabilities_too(shop: Shop) -> None:
    from iterata.documents.models.kpi import OutcomeValueSpec  # noqa: PLC0415

    written = {
        "kind": "outcome_value",
        "name": "sales",
        "unit": "EUR",
        "values": {"tp": 1, "fp": -1, "fn": 0, "tn": 0},
    }
    shop.write("program.py", PRELUDE + CONSTANT + "said = dict.fromkeys(rows, 7)\n" + WRITE)
    refused = shop.refused(program(), kpi=OutcomeValueSpec.model_validate(written))
    assert "outside 0 to 1" in refused.message


def test_nothing_a_plan_says_reaches_a_shell(shop: Shop) -> None:
    shop.write(
        "program.py", PRELUDE + CONSTANT + WRITE + "Path('argv.json').write_text(json.dumps(sys.argv[2:]))"
    )
    odd = ["$(touch owned)", "; touch owned", "a b", "*"]
    shop.refused(program(command=["python", "program.py", *odd]))  # the folder comes last
    shop.write("program.py", (PRELUDE + CONSTANT + WRITE).replace("argv[1]", "argv[-1]")
               + "Path('argv.json').write_text(json.dumps(sys.argv[1:-1]))")  # fmt: skip
    shop.run(program(command=["python", "program.py", *odd]))
    assert json.loads((shop.project / "argv.json").read_text()) == odd
    assert not (shop.project / "owned").exists()


COUNT = PRELUDE + CONSTANT + WRITE + "with open('runs.log', 'a') as log: log.write('run\\n')\n"


def test_a_second_run_trains_only_what_changed(shop: Shop) -> None:
    def runs() -> int:
        log = shop.project / "runs.log"
        count = len(log.read_text().splitlines()) if log.exists() else 0
        log.unlink(missing_ok=True)
        return count

    shop.write("program.py", COUNT)
    shop.write("weights.txt", "1")
    once = program(reads=["weights.txt"])
    shop.run(once)
    assert runs() == 6
    shop.run(once)
    assert runs() == 0
    shop.write("weights.txt", "2")
    shop.run(once)
    assert runs() == 6
    shop.write("helper.py", "")
    shop.run(once)
    assert runs() == 6
    shop.run({**once, "params": {"C": 1}})
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
    """Whether a process is still there and not merely waiting to be buried."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def none_alive(pids: list[int]) -> bool:
    until = time.monotonic() + 10
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, pids))


def test_a_program_that_hangs_is_ended_with_all_it_started(shop: Shop) -> None:
    shop.write("program.py", HANG)
    refused = shop.refused(program(minutes=0.02), LOGISTIC, split=HELD_OUT)
    assert refused.message == "was ended after 0.02 minutes"
    assert (refused.where, shop.kept) == ("variant program, fold 1 of repeat 1", 1)
    assert none_alive([int(pid) for pid in (shop.project / "pids").read_text().split()])


SCRIPT = Path(__file__).parents[1] / "interrupted.py"


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_an_interrupted_run_takes_its_program_with_it_and_goes_on_later(
    shop: Shop, ending: signal.Signals
) -> None:
    once = (
        COUNT
        + "if len(open('runs.log').readlines()) == 3:\n"
        + "".join(f"    {line}\n" for line in HANG.removeprefix(PRELUDE).splitlines() if line)
    )
    shop.write("program.py", once)
    data = [{"name": "customers", "source": "projects/shop/data/customers.csv"}]
    plan = shop.plan(program(command=["python", "projects/shop/program.py"]), data=data)
    (shop.root / "plan.json").write_text(plan.model_dump_json())
    environment = {**os.environ, "FITS": os.devnull, "PAUSE": "0"}
    running = subprocess.Popen([sys.executable, str(SCRIPT), str(shop.root), "1"], env=environment,
                               stdout=subprocess.DEVNULL)  # fmt: skip
    until = time.monotonic() + 60
    while not (shop.root / "pids").exists() and running.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(0.1)
    running.send_signal(ending)
    assert running.wait(timeout=30) != 0
    assert none_alive([int(pid) for pid in (shop.root / "pids").read_text().split()])
    assert shop.kept == 2
    subprocess.run([sys.executable, str(SCRIPT), str(shop.root), "1"], env=environment, check=True,
                   capture_output=True)  # fmt: skip
    assert len((shop.root / "runs.log").read_text().splitlines()) == 3 + 4


def test_predictions_far_from_probabilities_are_cut_nowhere(shop: Shop, customers: pd.DataFrame) -> None:
    """Of a program's scores nobody says where yes begins, so metrics of yes and no have no figure."""
    shop.write("program.py", PRELUDE + CONSTANT + "said = {row: int(row) % 7 * 10 for row in rows}\n" + WRITE)
    metrics = {"primary": "sales", "secondary": [{"metric": "roc_auc"}]}
    result = shop.run(program(), metrics=metrics)
    assert result.variants[0].metrics[0].value is not None
    buys = (customers["buys"] == "yes").to_numpy()
    scores = np.arange(300) % 7
    pairs = scores[buys][:, None] - scores[~buys][None]
    assert result.variants[0].metrics[0].value.value == pytest.approx(
        ((pairs > 0) + 0.5 * (pairs == 0)).mean(), rel=1e-6
    )


def test_a_column_that_is_called_like_the_rows_number_is_refused(shop: Shop, customers: pd.DataFrame) -> None:
    customers.rename(columns={"income": "row_id"}).to_csv(shop.project / "data/customers.csv", index=False)
    shop.write("program.py", PRELUDE)
    with pytest.raises(RunError, match="row_id names rows, and is a column of the data"):
        shop.run(program(), features={"income": ["row_id"]})
