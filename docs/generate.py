"""Generate the reference pages from the tables, models and commands that they describe.

`python docs/generate.py` writes them. `--check` lists stale pages, and exits with 1 if there are any.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from generators import (
    commands,
    diagram,
    documents,
    initial_files,
    known_good,
    lifecycle,
    lift_charts,
    rules,
    trust,
    typed_values,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DOCS = Path(__file__).resolve().parent

PAGES: dict[str, Callable[[], str]] = {
    "../core/iterata/actions/knowledge_base/digests.txt": initial_files.page,
    "../core/iterata/execution/constraints.txt": known_good.page,
    "assets/lifecycle.svg": diagram.svg,
    "assets/lift-depth.svg": lift_charts.by_depth,
    "assets/lift-scale.svg": lift_charts.on_one_scale,
    "method.md": typed_values.page,
    "reference/cli.md": commands.page,
    "reference/documents.md": documents.page,
    "reference/lifecycle.md": lifecycle.page,
    "reference/rules.md": rules.page,
    "trust.md": trust.page,
}
"""Every generated file, and the function that returns its text."""


def stale() -> Iterator[tuple[Path, str]]:
    """The files that are out of date, with the text that they should contain."""
    for name, generate in PAGES.items():
        path, text = (DOCS / name).resolve(), generate()
        if not path.is_file() or path.read_text("utf-8") != text:
            yield path, text


def write() -> None:
    """Update every stale page."""
    for path, text in stale():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"wrote {path.relative_to(DOCS.parent)}")


def check() -> int:
    """Print the stale pages. Return 1 if there are any."""
    paths = [path.relative_to(DOCS.parent) for path, _ in stale()]
    for path in paths:
        print(f"{path} is stale: run `python docs/generate.py`", file=sys.stderr)
    return 1 if paths else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        sys.exit(check())
    write()
