"""A cache that a team shares, by its URL."""

from __future__ import annotations

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


def test_unreachable_cache_is_refused_before_training(base: KnowledgeBase, iterata: CommandLine) -> None:
    pytest.importorskip("fsspec")
    base.write("projects/churn/model.py", COUNTED)
    planned(base, variants=[{"name": "logistic", "factory": "model:counted", "features": "all"}])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for url in (f"ftp://127.0.0.1:{port}/iterata", "nowhere://bucket", "s3://bucket/iterata"):
        if url.startswith("s3"):
            try:
                import s3fs  # type: ignore[import-not-found]  # noqa: F401, PLC0415
            except ImportError:
                pass
            else:
                continue
        configure_cache(base, url)
        done = iterata(*RUN, "--allow-dirty")
        assert done.code == 1
        assert done.err.splitlines()[-2].startswith(f"{url}: ")
        assert "Traceback" not in done.output
    assert fits(base) == 0


def test_password_in_the_url_is_refused_and_not_printed(base: KnowledgeBase, iterata: CommandLine) -> None:
    configure_cache(base, "sftp://me:hunter2@host/folder")
    done = iterata("check")
    assert done.code != 0
    assert "hunter2" not in done.output
