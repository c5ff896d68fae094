"""Add the knowledge base of a version: `python tests/golden_bases/add.py VERSION [COMMIT]`, at each release.

It is made by the commands of that version itself: an empty knowledge base as `init` writes it, a project that
has just begun as `new` writes it, and the example with its approved documents and results, without its data.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
STEPS = (
    ("init", "."),
    ("new", "project", "retention"),
    ("new", "iteration", "retention"),
)


def add(version: str, commit: str) -> None:
    """Make the knowledge base from a checkout of `commit`."""
    with tempfile.TemporaryDirectory() as folder:
        checkout, target = Path(folder) / "iterata", Path(folder) / "base"
        subprocess.run(["git", "worktree", "add", "--detach", checkout, commit], cwd=ROOT, check=True)
        try:
            target.mkdir()
            paths = os.pathsep.join(str(checkout / part) for part in ("core", "cli", "plugin"))
            for words in STEPS:
                command = [sys.executable, "-c", "from iterata_cli.main import cli; cli()", *words]
                subprocess.run(command, cwd=target, env={**os.environ, "PYTHONPATH": paths}, check=True)
            _copy_example(checkout, target)
            shutil.copytree(target, HERE / version)
        finally:
            subprocess.run(["git", "worktree", "remove", "--force", checkout], cwd=ROOT, check=True)


def _copy_example(checkout: Path, target: Path) -> None:
    ignored = shutil.ignore_patterns("data", "__pycache__", "*.ipynb", "02-*", "03-*")
    name = "projects/caravan-policies"
    shutil.copytree(checkout / name, target / name, ignore=ignored)
    for part in (".iterata", ".github", "site"):
        shutil.rmtree(target / part, ignore_errors=True)


if __name__ == "__main__":
    add(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "HEAD")
