"""`iterata verify` repeats a run from its commit and lists every figure that differs."""

from __future__ import annotations

import io
import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from iterata.stages import Status

from .approved_plan import DATA, FOLDER, PLAN, ROWS, planned

if TYPE_CHECKING:
    from ...helpers.command_line import CommandLine
    from ...helpers.git import Git
    from ...helpers.knowledge_base import KnowledgeBase

RUN = ("run", "churn/01", "--jobs", "1")
VERIFY = ("verify", "churn/01", "--jobs", "1")
RESULT = f"{FOLDER}/results/experiment.json"
FACTORY = """
from sklearn.linear_model import LogisticRegression

def scaled(C=1.0):
    return LogisticRegression(C=C)
"""


@pytest.fixture
def committed(base: KnowledgeBase, iterata: CommandLine) -> Git:
    """A committed result of a plan whose variant comes from a factory of the project."""
    base.write("projects/churn/model.py", FACTORY)
    variant = {"name": "logistic", "factory": "model:scaled", "features": "all"}
    split = {**PLAN["split"], "folds": 3, "repeats": 2}  # enough folds for p
    git = planned(base, variants=[variant], split=split, segments=["tariff"])
    iterata(*RUN).fine()
    git.commit("run it")
    return git


def worktrees(git: Git) -> int:
    return len(git("worktree", "list").splitlines())


def test_unchanged_result_is_verified_and_no_trace_is_left(
    committed: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    before = base.files()
    done = iterata(*VERIFY).fine()
    assert "logistic: scaled() of projects/churn/model.py" in done.err
    assert (done.out, committed.status, worktrees(committed)) == ("", "", 1)
    assert base.files() == before
    assert not list((base.root / ".iterata" / "verify").iterdir())


def test_code_of_the_commit_is_run_not_of_the_working_tree(
    committed: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    base.write("projects/churn/model.py", "raise RuntimeError('of the working tree')\n")
    iterata(*VERIFY).fine()


def test_edited_figures_are_listed(committed: Git, base: KnowledgeBase, iterata: CommandLine) -> None:
    result = json.loads(base.read(RESULT))
    computed = result["variants"][0]["kpi"]["value"]
    result["variants"][0]["kpi"]["value"] = computed * 1.01
    result["hypotheses"][0]["verdict"] = "supported"
    base.write(RESULT, json.dumps(result))
    done = iterata(*VERIFY)
    assert done.code == 1
    assert "variants[0 logistic].kpi.value" in done.out
    assert "hypotheses[0 H1].verdict" in done.out
    tolerant = json.loads(iterata(*VERIFY, "--format", "json", "--tolerance", "0.02").out)
    assert [difference["place"] for difference in tolerant["differences"]] == ["hypotheses[0 H1].verdict"]


def test_result_of_uncommitted_files_is_refused(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base)
    base.write("projects/churn/model.py", "")
    iterata(*RUN, "--allow-dirty").fine()
    done = iterata(*VERIFY)
    assert done.code == 1
    assert done.err.startswith(f"{RESULT}: error: ")


def test_missing_result_is_refused(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base)
    done = iterata(*VERIFY)
    assert done.code == 1
    assert done.err.startswith("churn/01-setup: error: ")


def test_another_commit_with_the_same_plan_and_code_is_verified(
    committed: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    forget_commit(base)
    iterata(*VERIFY).fine()


def test_no_commit_with_the_same_code_is_refused_by_the_files_that_differ(
    committed: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    forget_commit(base, code={"projects/churn/model.py": "sha256:" + "1" * 64})
    done = iterata(*VERIFY)
    assert done.code == 1
    assert "projects/churn/model.py" in done.err
    assert "unshallow" not in done.err


def forget_commit(base: KnowledgeBase, **provenance: object) -> None:
    """Let the result name a commit that is in no clone, as after a squash merge."""
    result = json.loads(base.read(RESULT))
    result["provenance"] |= {"commit": "0" * 40, **provenance}
    base.write(RESULT, json.dumps(result))


def test_data_with_another_digest_is_refused(
    committed: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    base.write(DATA, base.read(DATA) + "1,1,blue,1\n")
    done = iterata(*VERIFY)
    assert done.code == 1
    assert done.err.startswith("data/customers.csv: error: ")
    assert worktrees(committed) == 1


MADE_BY = "python make_data.py"


def test_missing_data_is_made_in_the_checkout_if_allowed(base: KnowledgeBase, iterata: CommandLine) -> None:

    script = f"from pathlib import Path\nplace = Path('{DATA}')\nplace.parent.mkdir(exist_ok=True)\n"
    base.write("make_data.py", script + f"place.write_text({ROWS!r})\n")
    git = planned(base, data=[{**PLAN["data"][0], "made_by": MADE_BY}])
    iterata(*RUN).fine()
    git.commit("run it")
    (base.root / DATA).unlink()
    done = iterata(*VERIFY)
    assert done.code == 1
    assert MADE_BY in done.err
    done = iterata(*VERIFY, "--make").fine()
    assert MADE_BY in done.err
    assert not (base.root / DATA).exists()


def test_prediction_file_is_linked_into_the_checkout(base: KnowledgeBase, iterata: CommandLine) -> None:
    scores = "row_id,prediction\n" + "".join(f"{n},{n * 31 % 97}\n" for n in range(120))
    base.write("projects/churn/data/scores.csv", scores)
    variant = {"name": "theirs", "producer": "file", "source": "data/scores.csv", "learned_from": "last year"}
    hypothesis = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "theirs"}}
    git = planned(base, variants=[variant], hypotheses=[hypothesis])
    iterata(*RUN).fine()
    git.commit("run it")
    iterata(*VERIFY).fine()


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_checkout_is_removed_after_an_interrupt(
    base: KnowledgeBase, iterata: CommandLine, signal_: signal.Signals
) -> None:
    waits = "if place := os.environ.get('SLOW'):\n    open(place, 'x').close()\n    time.sleep(60)\n"
    slow = FACTORY.replace("def scaled", f"import os, time\n{waits}def scaled")
    base.write("projects/churn/model.py", slow)
    git = planned(base, variants=[{"name": "logistic", "factory": "model:scaled", "features": "all"}])
    iterata(*RUN).fine()
    git.commit("run it")
    started = base.root.parent / "started"
    os.environ["SLOW"] = str(started)
    try:
        running = iterata.start(*VERIFY)
    finally:
        del os.environ["SLOW"]
    deadline = time.monotonic() + 60
    while not started.exists() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    running.send_signal(signal_)
    assert running.wait(timeout=30) == 130
    assert worktrees(git) == 1
    assert not list((base.root / ".iterata" / "verify").iterdir())


def test_checkout_of_a_killed_verification_is_removed(
    committed: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    place = base.root / ".iterata" / "verify" / "churn--01-setup"
    committed("worktree", "add", "--detach", str(place), "HEAD")
    iterata(*VERIFY).fine()
    assert worktrees(committed) == 1


def test_checkout_of_a_killed_git_is_removed(
    committed: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    """Git locks a worktree while it creates it."""
    place = base.root / ".iterata" / "verify" / "churn--01-setup"
    committed("worktree", "add", "--detach", str(place), "HEAD")
    committed("worktree", "lock", "--reason", "initializing", str(place))
    (place / ".git").unlink()
    iterata(*VERIFY).fine()
    assert worktrees(committed) == 1


def test_knowledge_base_in_a_subfolder_is_verified(
    tmp_path: Any,
) -> None:
    from ...helpers.command_line import CommandLine  # noqa: PLC0415
    from ...helpers.git import Git  # noqa: PLC0415
    from ...helpers.knowledge_base import KnowledgeBase  # noqa: PLC0415

    class Below(KnowledgeBase):
        def in_git(self) -> Git:
            git = Git(self.root.parent)
            git.commit("all of it")
            return git

    base = Below(tmp_path / "whole" / "base")
    iterata = CommandLine(base.root)
    git = planned(base)
    iterata(*RUN).fine()
    git.commit("run it")
    iterata(*VERIFY).fine()
    assert worktrees(git) == 1


def test_folder_of_parquet_files_is_approved_run_and_verified(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    rows = pd.read_csv(io.StringIO(ROWS))
    folder = base.root / "projects/churn/data/customers"
    for tariff, some in rows.groupby("tariff"):
        (folder / f"tariff={tariff}").mkdir(parents=True)
        some.drop(columns="tariff").to_parquet(folder / f"tariff={tariff}/part-0.parquet", index=False)
    (folder / "_SUCCESS").write_bytes(b"")
    git = planned(base, Status.IN_REVIEW, data=[{"name": "rows", "source": "data/customers"}])
    base.write(f"{folder.relative_to(base.root)}/.gitignore", "*\n")
    git("add", "--force", "projects/churn/data/customers/.gitignore")
    iterata("move", f"{FOLDER}/proposal.md", "approved", "--as", "data science", "--as", "product").fine()
    git.commit("approve")
    iterata(*RUN).fine()
    git.commit("run it")
    result = json.loads(base.read(RESULT))
    assert result["variants"][0]["columns"] == 3  # the tariff is a feature
    assert "projects/churn/data/customers" in result["provenance"]["data"]
    iterata(*VERIFY).fine()
    (folder / "tariff=blue/part-0.parquet").rename(folder / "tariff=red/part-1.parquet")
    assert iterata(*VERIFY).code == 1
