"""The site: the cost of the plugin compared with Material alone.

The peer builds the same pages with the same navigation and search. It gets the finished HTML of each page, so
all reading, checking and rendering of the plugin counts as ours. Templates are compiled before, as in every
build except the first on a machine.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from benchmarks.pairs import ENVIRONMENT, Command, Comparison, compare, script
from benchmarks.site_corpus import site_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAIRS, MANY_PAIRS = 15, 5
PROJECTS = 50
"""Projects of the large knowledge base: 300 documents, and 500 findings."""
LARGER = 4
"""How many times as large another one is."""
HOOKS = Path(__file__).with_name("hooks")
BUILD = [script("mkdocs"), "build", "--quiet"]


def comparisons(root: Path, scratch: Path) -> Iterator[Comparison]:
    """The site of the example, with and without the plugin; and a large one, built again and edited."""
    with_plugin, plain = scratch / "with", scratch / "plain"
    _copy(root, with_plugin)
    _record(with_plugin, plain)
    ours, theirs = build_anew(with_plugin), Command(BUILD, plain)
    yield compare("site of the example", ours, "Material, same pages", theirs, 1.08, pairs=PAIRS)
    if difference := _pages(with_plugin) ^ _pages(plain):
        raise AssertionError(f"not the same pages: {sorted(difference)}")
    yield from _many(root, scratch)


def _many(root: Path, scratch: Path) -> Iterator[Comparison]:
    """A large knowledge base: against plain Material, and against itself after no and after one edit."""
    many, plain, larger = scratch / "many-pages", scratch / "many-plain", scratch / "more-pages"
    site_corpus(root, many, projects=PROJECTS)
    site_corpus(root, larger, projects=LARGER * PROJECTS)
    _record(many, plain)
    anew, theirs = build_anew(many), Command(BUILD, plain)
    yield compare("site, 300 documents", anew, "Material, same pages", theirs, 1.08, pairs=MANY_PAIRS)
    ours, peer = anew.peak(), theirs.peak()
    yield Comparison("site, 300 documents, memory", "Material", 1.25, ours, peer, ours / peer, "MB")
    again = _with_cache(many, "true")
    yield compare("site, nothing changed", again, "all anew", anew, 0.4, pairs=MANY_PAIRS)
    edit = "echo One more sentence. >> projects/p7/01-setup/report.md"
    yield compare("site, one edit", _with_cache(many, edit), "all anew", anew, 0.5, pairs=MANY_PAIRS)
    target = 1.125 * LARGER
    larger_anew = build_anew(larger)
    what = f"site, {LARGER} times as large"
    yield compare(what, larger_anew, "300 documents", anew, target, pairs=1, warm_ups=1)


def build_anew(folder: Path) -> Command:
    """A build that uses no earlier one."""
    return _with_cache(folder, f"rm -rf {folder}-cache")


def _with_cache(folder: Path, before: str) -> Command:
    build = f"{before}; XDG_CACHE_HOME={folder}-cache exec {' '.join(BUILD)}"
    return Command(["sh", "-c", build], folder)


def _copy(root: Path, folder: Path) -> None:
    folder.mkdir()
    shutil.copy(root / "mkdocs.yml", folder)
    for part in ("docs", "projects"):
        shutil.copytree(root / part, folder / part, ignore=shutil.ignore_patterns("data", "__pycache__"))


def _record(base: Path, folder: Path) -> None:
    """Build once with the plugin, and record a plain site with the same pages."""
    _configure(base / "record.yml", {"INHERIT": "mkdocs.yml", "hooks": [str(HOOKS / "record.py")]})
    command = [*BUILD, "--config-file", "record.yml", "--site-dir", str(base / "recorded")]
    environment = {**ENVIRONMENT, "RECORD": str(folder)}
    subprocess.run(command, cwd=base, env=environment, check=True, capture_output=True)
    plain = {
        "INHERIT": str(base / "mkdocs.yml"),
        "plugins": ["search"],
        "hooks": [str(HOOKS / "replay.py")],
        "not_in_nav": "/projects/*/**",
        "extra_css": ["assets/iterata.css"],
    }
    _configure(folder / "mkdocs.yml", plain)


def _configure(path: Path, settings: Mapping[str, object]) -> None:
    path.write_text(yaml.safe_dump(dict(settings)), "utf-8")


def _pages(folder: Path) -> set[str]:
    site = folder / "site"
    return {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
