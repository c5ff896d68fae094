"""A result is made again from its commit, and every figure that differs is told."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from .shop import DATA, FOLDER, PLAN, ROWS, planned

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
def ran(base: KnowledgeBase, iterata: CommandLine) -> Git:
    """A committed result, of a factory of the project."""
    base.write("projects/churn/model.py", FACTORY)
    git = planned(base, variants=[{"name": "logistic", "factory": "model:scaled", "features": "all"}])
    iterata(*RUN).fine()
    git.commit("run it")
    return git


def worktrees(git: Git) -> int:
    return len(git("worktree", "list").splitlines())


def test_a_sound_result_is_the_same_exactly_and_nothing_is_left(
    ran: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    before = base.files()
    done = iterata(*VERIFY).fine()
    assert (
        "repeating churn/01-setup, which executes:\n  logistic: scaled() of projects/churn/model.py"
        in done.err
    )
    assert "figures and words are the same, exactly" in done.err
    assert (done.out, ran.status, worktrees(ran)) == ("", "", 1)
    assert base.files() == before
    assert not list((base.root / ".iterata" / "verify").iterdir())


def test_the_code_of_the_commit_is_run_and_not_todays(
    ran: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    base.write("projects/churn/model.py", "raise RuntimeError('of today')\n")
    iterata(*VERIFY).fine()


def test_a_figure_somebody_changed_is_found(ran: Git, base: KnowledgeBase, iterata: CommandLine) -> None:
    result = json.loads(base.read(RESULT))
    honest = result["variants"][0]["kpi"]["value"]
    result["variants"][0]["kpi"]["value"] = honest * 1.01
    result["hypotheses"][0]["verdict"] = "supported"
    base.write(RESULT, json.dumps(result))
    done = iterata(*VERIFY)
    assert done.code == 1
    assert "variants[0 logistic].kpi.value" in done.out
    assert "hypotheses[0 H1].verdict" in done.out
    assert "2 of " in done.err
    told = json.loads(iterata(*VERIFY, "--format", "json", "--tolerance", "0.02").out)
    assert [each["place"] for each in told["differences"]] == ["hypotheses[0 H1].verdict"]


def test_a_result_of_uncommitted_files_cannot_be_verified(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base)
    base.write("projects/churn/model.py", "")
    iterata(*RUN, "--allow-dirty").fine()
    done = iterata(*VERIFY)
    assert (done.code, "computed from files that were not committed" in done.err) == (1, True)


def test_without_a_result_there_is_nothing_to_verify(base: KnowledgeBase, iterata: CommandLine) -> None:
    planned(base)
    assert "there is no result to verify" in iterata(*VERIFY).err


def test_a_commit_that_is_gone_is_told(ran: Git, base: KnowledgeBase, iterata: CommandLine) -> None:
    result = json.loads(base.read(RESULT))
    result["provenance"]["commit"] = "0" * 40
    base.write(RESULT, json.dumps(result))
    done = iterata(*VERIFY)
    assert (done.code, "its commit 000000000000 is not in this repository" in done.err) == (1, True)


def test_other_data_are_not_taken_for_those_that_were_approved(
    ran: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    base.write(DATA, base.read(DATA) + "1,1,blue,1\n")
    done = iterata(*VERIFY)
    assert (done.code, "is not the file that was approved" in done.err) == (1, True)
    assert worktrees(ran) == 1


MADE_BY = "python make_data.py"


def test_data_can_be_made_in_the_checkout_if_that_is_allowed(
    base: KnowledgeBase, iterata: CommandLine
) -> None:

    script = f"from pathlib import Path\nplace = Path('{DATA}')\nplace.parent.mkdir(exist_ok=True)\n"
    base.write("make_data.py", script + f"place.write_text({ROWS!r})\n")
    git = planned(base, data=[{**PLAN["data"][0], "made_by": MADE_BY}])
    iterata(*RUN).fine()
    git.commit("run it")
    (base.root / DATA).unlink()
    done = iterata(*VERIFY)
    assert done.code == 1
    assert "`python make_data.py` makes data/customers.csv" in done.err
    done = iterata(*VERIFY, "--make").fine()
    assert "data: `python make_data.py`, which makes data/customers.csv" in done.err
    assert not (base.root / DATA).exists()


def test_predictions_from_a_file_are_verified_with_that_file(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    scores = "row_id,prediction\n" + "".join(f"{n},{n * 31 % 97}\n" for n in range(120))
    base.write("projects/churn/data/scores.csv", scores)
    variant = {"name": "theirs", "producer": "file", "source": "data/scores.csv", "learned_from": "last year"}
    asked = {"id": "H1", "claim": "It helps.", "supported_if": {"variant": "theirs"}}
    git = planned(base, variants=[variant], hypotheses=[asked])
    done = iterata(*RUN).fine()
    assert "theirs: nothing; its predictions are read from projects/churn/data/scores.csv" in done.err
    git.commit("run it")
    iterata(*VERIFY).fine()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_checkout_is_removed_when_it_is_interrupted(
    base: KnowledgeBase, iterata: CommandLine, ending: signal.Signals
) -> None:
    waits = "if place := os.environ.get('SLOW'):\n    open(place, 'x').close()\n    time.sleep(60)\n"
    slow = FACTORY.replace("def scaled", f"import os, time\n{waits}def scaled")
    base.write("projects/churn/model.py", slow)
    git = planned(base, variants=[{"name": "logistic", "factory": "model:scaled", "features": "all"}])
    iterata(*RUN).fine()
    git.commit("run it")
    under_way = base.root.parent / "under way"
    os.environ["SLOW"] = str(under_way)
    try:
        running = iterata.begin(*VERIFY)
    finally:
        del os.environ["SLOW"]
    until = time.monotonic() + 60
    while not under_way.exists() and running.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    running.send_signal(ending)
    assert running.wait(timeout=30) == 130
    assert worktrees(git) == 1
    assert not list((base.root / ".iterata" / "verify").iterdir())


def test_what_a_killed_verification_left_is_cleared_away(
    ran: Git, base: KnowledgeBase, iterata: CommandLine
) -> None:
    place = base.root / ".iterata" / "verify" / "churn--01-setup"
    ran("worktree", "add", "--detach", str(place), "HEAD")
    iterata(*VERIFY).fine()
    assert worktrees(ran) == 1


def test_a_knowledge_base_below_the_repositorys_top_is_verified_too(
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
