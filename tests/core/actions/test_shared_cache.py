"""A cache that a team shares, by its URL."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from ...helpers.git import Git
from .approved_plan import FOLDER, planned

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

RESULT = f"{FOLDER}/results/experiment.json"
RUN = ("run", "churn/01", "--jobs", "1")
FOLDS = 2
"""Of the plan."""

HYPOTHESIS = {"id": "H1", "claim": "Habits tell who leaves.", "supported_if": {"variant": "one", "by": 5}}
COUNTED = """
from pathlib import Path
from sklearn.linear_model import LogisticRegression

class Counted(LogisticRegression):
    def fit(self, X, y):
        with Path(__file__).with_name("fits.log").open("a") as log:
            log.write("once\\n")
        return super().fit(X, y)

def counted():
    return Counted()
"""


def configure_cache(base: KnowledgeBase, url: str) -> None:
    base.write("mkdocs.yml", f"site_name: shop\nplugins:\n  - iterata:\n      cache: {url}\n")


def fits(base: KnowledgeBase) -> int:
    log = base.root / "projects/churn/fits.log"
    return len(log.read_text("utf-8").splitlines()) if log.exists() else 0


@pytest.mark.parametrize("protocol", ["file", "local"])
def test_predictions_of_one_machine_are_used_on_another(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path, protocol: str
) -> None:
    pytest.importorskip("fsspec")
    base.write("projects/churn/model.py", COUNTED)
    configure_cache(base, f"{protocol}://{tmp_path / 'shared'}")
    planned(base, variants=[{"name": "logistic", "factory": "model:counted", "features": "all"}])
    iterata(*RUN).fine()
    first, fits_of_first = json.loads(base.read(RESULT)), fits(base)
    assert fits_of_first > 0
    shutil.rmtree(base.root / ".iterata")
    (base.root / RESULT).unlink()
    moved = shutil.move(base.root, tmp_path / "another machine")
    base.root, iterata.folder = moved, moved
    iterata(*RUN).fine()
    assert fits(base) == fits_of_first
    assert json.loads(base.read(RESULT))["variants"] == first["variants"]
    Git(moved).commit("run it")
    iterata("verify", "churn/01", "--jobs", "1").fine()
    assert fits(base) == fits_of_first  # verify fits in a checkout, without the cache


def test_truncated_entries_are_computed_again(
    base: KnowledgeBase, iterata: CommandLine, tmp_path: Path
) -> None:
    pytest.importorskip("fsspec")
    configure_cache(base, f"file://{tmp_path / 'shared'}")
    planned(base)
    iterata(*RUN).fine()
    first = json.loads(base.read(RESULT))
    for path in (tmp_path / "shared").rglob("*.*"):
        path.write_bytes(path.read_bytes()[:100])
    (base.root / RESULT).unlink()
    iterata(*RUN).fine()
    assert json.loads(base.read(RESULT))["variants"] == first["variants"]


def test_unusable_kind_of_cache_is_refused_before_training(base: KnowledgeBase, iterata: CommandLine) -> None:
    pytest.importorskip("fsspec")
    base.write("projects/churn/model.py", COUNTED)
    planned(base, variants=[{"name": "logistic", "factory": "model:counted", "features": "all"}])
    for url in ("nowhere://bucket", "s3://bucket/iterata"):
        if url.startswith("s3") and importlib.util.find_spec("s3fs"):
            continue
        configure_cache(base, url)
        done = iterata(*RUN, "--allow-dirty")
        assert done.code == 1
        assert done.err.splitlines()[-2].startswith(f"{url}: ")
        assert "Traceback" not in done.output
    assert fits(base) == 0


def test_cache_that_does_not_answer_is_one_note_and_the_run_goes_on(
    base: KnowledgeBase, iterata: CommandLine
) -> None:
    pytest.importorskip("fsspec")
    base.write("projects/churn/model.py", COUNTED)
    twins = [{"name": name, "factory": "model:counted", "features": "all"} for name in ("one", "twin")]
    planned(base, variants=twins, hypotheses=[HYPOTHESIS])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    configure_cache(base, f"ftp://127.0.0.1:{port}/iterata")
    done = iterata(*RUN, "--allow-dirty").fine()
    assert done.err.count(f"ftp://127.0.0.1:{port}") == 1
    assert fits(base) == FOLDS, "variants that differ in their name only are fitted once"
    one, twin = json.loads(base.read(RESULT))["variants"]
    assert one["kpi"] == twin["kpi"]
    assert f"kept {2 * FOLDS} of {2 * FOLDS}" in iterata(*RUN, "--allow-dirty").fine().err
    assert fits(base) == FOLDS


def test_password_in_the_url_is_refused_and_not_printed(base: KnowledgeBase, iterata: CommandLine) -> None:
    configure_cache(base, "sftp://me:hunter2@host/folder")
    done = iterata("check")
    assert done.code != 0
    assert "hunter2" not in done.output
