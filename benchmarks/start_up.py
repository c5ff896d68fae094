"""The command line: start-up times."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from benchmarks.pairs import Command, Comparison, compare, script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAIRS = 25
PROJECT = "projects/caravan-policies"
DOCUMENT = f"{PROJECT}/requirements.md"


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """`--help` and the check of one document, against their peers."""
    our_help = Command([script("iterata"), "--help"], root)
    import_click = Command([sys.executable, "-c", "import click"], root)
    yield compare("iterata --help", our_help, "import click", import_click, 1.25, pairs=PAIRS)
    mkdocs_help = Command([script("mkdocs"), "--help"], root)
    yield compare("iterata --help", our_help, "mkdocs --help", mkdocs_help, 0.6, pairs=PAIRS)

    peer = _check_jsonschema(root, scratch)
    for where, folder in (("alone", _small(root, scratch)), ("in the example", root)):
        ours = Command([script("iterata"), "check", DOCUMENT], folder)
        yield compare(f"check one document, {where}", ours, "check-jsonschema", peer, 0.8, pairs=PAIRS)


def _small(root: Path, scratch: Path) -> Path:
    """A knowledge base of one document."""
    folder = scratch / "small"
    (folder / PROJECT).mkdir(parents=True)
    shutil.copy(root / "mkdocs.yml", folder)
    shutil.copy(root / DOCUMENT, folder / DOCUMENT)
    return folder


def _check_jsonschema(root: Path, scratch: Path) -> Command:
    """The peer reads YAML, not Markdown: the front matter alone, with our exported schema."""
    schema = subprocess.run(
        [script("iterata"), "schema", "requirements"], cwd=root, check=True, capture_output=True
    )
    (scratch / "requirements.json").write_bytes(schema.stdout)
    front_matter = (root / DOCUMENT).read_text("utf-8").split("---\n")[1]
    (scratch / "requirements.yaml").write_text(front_matter, "utf-8")
    words = [script("check-jsonschema"), "--schemafile", "requirements.json", "requirements.yaml"]
    return Command(words, scratch)
