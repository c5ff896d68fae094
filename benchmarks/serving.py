"""A site that is served: the CPU seconds that the plugin takes after one edit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.pairs import ENVIRONMENT, Comparison, within
from benchmarks.site_corpus import site_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECTS = 50
SCRIPT = Path(__file__).with_name("hooks") / "serve.py"


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """The plugin's part, not what the host, other plugins and the theme do between."""
    base = scratch / "served"
    site_corpus(root, base, projects=PROJECTS)
    words = [sys.executable, str(SCRIPT), "projects/p7/01-setup/report.md"]
    done = subprocess.run(words, cwd=base, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE)
    yield within("serve, 300 documents, an edit", float(done.stdout), 0.3)
