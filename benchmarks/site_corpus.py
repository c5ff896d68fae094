"""A large knowledge base with figures: documents of the example, with their own titles and findings."""

from __future__ import annotations

import re
import shutil
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAGS = 300
"""How many different tags there are, beside those that most findings share."""
NAMES = (
    "requirements.md",
    *(f"01-setup/{name}.md" for name in ("assessment", "proposal", "experiment", "report")),
)
SECOND = "02-more/assessment.md"
DOCUMENTS = len(NAMES) + 1
"""Documents of a project."""

SETTINGS = """\
site_name: many
theme: {name: material, font: false}
nav: [Home: index.md, Board: projects/index.md, Findings: findings.md]
plugins: [search, iterata]
"""

_KINDS = ("insight", "data", "negative", "method")


def site_corpus(root: Path, folder: Path, *, projects: int, findings: int = 10) -> None:
    """Write a knowledge base of six documents and some findings in each project, with their result files.

    Args:
        root: this repository.
        folder: a folder that does not exist yet.
        projects: how many projects.
        findings: findings of each project.
    """
    example = root / "projects" / "caravan-policies"
    texts = {name: (example / name).read_text("utf-8") for name in NAMES}
    texts[SECOND] = re.sub(
        r"^iteration: .*$",
        "iteration: {kind: algorithm, follows: 01-setup}",
        texts["01-setup/assessment.md"],
        flags=re.M,
    ).replace("status: approved", "status: draft", 1)
    (folder / "docs").mkdir(parents=True)
    (folder / "docs/index.md").write_text("# Home\n", "utf-8")
    (folder / "mkdocs.yml").write_text(SETTINGS, "utf-8")
    numbers = count()
    for number in range(projects):
        place = folder / "projects" / f"p{number}"
        shutil.copytree(example / "01-setup/results", place / "01-setup/results")
        for path, text in texts.items():
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            own = re.sub(r"^title: (.*)$", rf"title: \1 ({number})", text, count=1, flags=re.M)
            if path.endswith("report.md"):
                own = _with_findings(own, list(_findings(numbers, number, findings)))
            (place / path).write_text(f"{own}\nThis is project {number}.\n", "utf-8")


def _with_findings(report: str, entries: list[str]) -> str:
    head, _, rest = report.partition("\nfindings:\n")
    following = re.search(r"^\w+:", rest, flags=re.M)
    assert following, "the report has nothing after its findings"
    return f"{head}\nfindings:\n{''.join(entries)}{rest[following.start() :]}"


def _findings(numbers: Iterator[int], project: int, most: int) -> Iterator[str]:
    for place in range(1, most + 1):
        number = next(numbers)
        relation = f"    supports: [p{project - 1}/01-setup#F{place}]\n" if project and place == 1 else ""
        yield (
            f"  - id: F{place}\n"
            f"    statement: Fact {number} about region {number % 97} holds for channel {number % 13}.\n"
            f"    kind: {_KINDS[number % len(_KINDS)]}\n"
            f'    evidence: "results/experiment.json, H{1 + number % 4}: measured."\n'
            f"    tags: [customers, tag {number % TAGS}, region {number % 97}]\n{relation}"
        )
