"""A small knowledge base that a test creates, changes and reads.

    base.grow('''
        churn
          requirements: approved
          01-setup
            assessment: approved
            lift.json
            proposal: in_review
    ''')

The name of a stage becomes a valid document in the given status, or in its initial one; `lift.json` and
`experiment.json` become results, whose tables are written to the pages; any other name becomes a folder.
"""

from __future__ import annotations

import re
import textwrap
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from iterata.documents import blocks, parse
from iterata.documents.yaml.dumper import dump
from iterata.lifecycle.context import find_context
from iterata.render import page_blocks
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.results.store import to_json
from iterata.rules.check import check
from iterata.stages import Stage, Status

from . import samples
from .git import Git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.documents import Document
    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

MKDOCS = "site_name: Ours\nplugins:\n  - iterata\n"

_RESULTS = {"lift.json": "lift", "experiment.json": "experiment"}


class KnowledgeBase:
    """The files below `root`, with `mkdocs.yml` at its top."""

    def __init__(self, root: Path, projects: str = "projects") -> None:
        self.root = root
        self.projects = projects
        root.mkdir(parents=True, exist_ok=True)
        self.write("mkdocs.yml", MKDOCS)

    # Creating

    def grow(self, tree: str) -> KnowledgeBase:
        """Create the files and folders of an indented list."""
        results = []
        for path, status in _paths(tree):
            stem = path.rsplit("/", 1)[-1]
            if stem in list(Stage):
                self.document(path, Status(status) if status else None)
            elif stem in _RESULTS:
                results.append((path.rsplit("/", 1)[0], _RESULTS[stem]))
            else:
                (self.root / self.projects / path).mkdir(parents=True, exist_ok=True)
        for iteration, kind in results:
            self.result(iteration, kind)
        return self

    def document(self, path: str, status: Status | None = None, **changes: Any) -> str:
        """Write a valid document, such as `churn/01-setup/proposal`."""
        stage = Stage(path.rsplit("/", 1)[-1])
        place = f"{self.projects}/{path}.md"
        self.write(place, samples.document(stage, status, **changes))
        return place

    def result(self, iteration: str, kind: str) -> str:
        """Write a result of an iteration with its documents, and the tables on its pages."""
        folder = f"{self.projects}/{iteration}"
        page, key = ("assessment", "lift") if kind == "lift" else ("proposal", "plan")
        block = self.parsed(f"{iteration}/{page}").data[key]
        sample, project = samples.lift if kind == "lift" else samples.experiment, iteration.split("/", 1)[0]
        result = sample(block, f"{self.projects}/{project}")
        place = f"{folder}/results/{kind}.json"
        self.write(place, to_json(result))
        for block in page_blocks.PAGE_BLOCKS:
            page = f"{folder}/{block.stage.filename}"
            if block.result == kind and (self.root / page).exists():
                content = block.render(result, self.repository.find_iteration(iteration))
                self.write(page, blocks.replace(self.read(page), block.name, content))
        return place

    # Changing

    def write(self, path: str, text: str | bytes) -> None:
        """Write a file, by its path below the root."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)

    def change(self, path: str, old: str, new: str) -> None:
        """Replace a text in a file."""
        text = self.read(path)
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new, 1))

    def set(self, path: str, field: str, value: Any) -> None:
        """Set a field of a document's front matter, such as `plan.variants[0].name`; None removes it."""
        document = self.parsed(path)
        *above, last = [int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]]+", field)]
        data = block = deepcopy(document.data)
        for step in above:
            block = block[step]
        if value is None:
            del block[last]
        else:
            block[last] = value
        self.write(document.path, document.source.with_yaml("\n" + dump(data)))

    # Reading

    def read(self, path: str) -> str:
        """The text of a file, by its path below the root."""
        return (self.root / path).read_bytes().decode()

    def parsed(self, path: str) -> Document:
        """The document at a path such as `churn/01-setup/proposal`."""
        place = f"{self.projects}/{path}.md"
        return parse(place, Stage(path.rsplit("/", 1)[-1]), (self.root / place).read_bytes())

    @property
    def repository(self) -> Repository:
        """The tree as it is now."""
        return Repository.on_disk(config.load(self.root))

    def context(self, path: str) -> DocumentContext:
        """A document with its project and iteration."""
        return find_context(self.repository, f"{self.projects}/{path}.md")

    def problems(self, code: str = "") -> list[Problem]:
        """The problems that the checks find, whose code begins with `code`."""
        return [problem for problem in check(self.repository) if problem.code.startswith(code)]

    def codes(self) -> list[str]:
        """The codes of all problems that the checks find."""
        return [problem.code for problem in self.problems()]

    def files(self) -> dict[str, bytes]:
        """The content of every file, except in `.git` and `.iterata`."""
        paths = (path for path in sorted(self.root.rglob("*")) if path.is_file())
        relative = ((path.relative_to(self.root), path) for path in paths)
        return {
            place.as_posix(): path.read_bytes()
            for place, path in relative
            if place.parts[0] not in {".git", ".iterata"}
        }

    def in_git(self) -> Git:
        """The knowledge base as a Git repository in which everything is committed."""
        git = Git(self.root)
        git.commit("the knowledge base")
        return git


def _paths(tree: str) -> Iterator[tuple[str, str]]:
    """Each line of an indented list as a path, with the text after its colon."""
    above: list[str] = []
    for line in textwrap.dedent(tree).splitlines():
        if not line.strip():
            continue
        name, _, status = line.strip().partition(":")
        depth = (len(line) - len(line.lstrip())) // 2
        above[depth:] = [name]
        yield "/".join(above), status.strip()
