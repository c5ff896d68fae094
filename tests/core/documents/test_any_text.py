"""A document with any content is a problem at most: rules, board and site process the other documents."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iterata import knowledge
from iterata.documents.yaml.dumper import dump
from iterata.lifecycle.next_step import next_step
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.repository.tree import DirEntry
from iterata.rules.cache import VerdictCache
from iterata.rules.catalogue import RULES
from iterata.rules.check import check
from iterata.stages import Stage
from iterata_cli.main import COMMANDS

from ...helpers import samples
from ...helpers.knowledge_base import KnowledgeBase

TREE = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: approved
        experiment: completed
        experiment.json
        report: approved
        deployment: deployed
      02-more
        proposal
    wine
      requirements: abandoned
      01-setup
        assessment: abandoned
"""

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.sampled_from(
        ["", "TODO", "approved", "01-setup", "#F1", "churn/01-setup#F1", "../x", "2026-02-30", "é|<b>"]
    ),
    st.text(max_size=8),
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "kind", "status", "findings", "on", "x", ""]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


class InMemory:
    """A tree of files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def entries(self, folder: str) -> list[DirEntry]:
        below = [path.removeprefix(f"{folder}/") for path in self.files if path.startswith(f"{folder}/")]
        return sorted({DirEntry(path.split("/")[0], "/" in path) for path in below})

    def read(self, path: str) -> bytes:
        return self.files[path]

    def size(self, path: str) -> int | None:
        return len(self.files[path])


@pytest.fixture(scope="module")
def valid(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path_factory.mktemp("valid"))
    base.grow(TREE)
    follows = {"kind": "feature", "follows": "01-setup", "inherits_assessment": "01-setup"}
    base.document("churn/02-more/proposal", iteration=follows)
    return base


@cache
def documents(base: KnowledgeBase) -> dict[str, Any]:
    """The front matter of each document, by its path."""
    return {document.path: document.data for document in base.repository.documents}


@st.composite
def changes(draw: st.DrawFn, base: KnowledgeBase) -> tuple[str, dict[str, Any]]:
    """A document, and its front matter with one or two values changed or removed."""
    path = draw(st.sampled_from(sorted(documents(base))))
    data = deepcopy(documents(base)[path])
    for _ in range(draw(st.integers(1, 2))):
        block: Any = data
        while True:
            keys = list(block) if isinstance(block, dict) else list(range(len(block)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(block[key], dict | list) and block[key] and draw(st.booleans()):
                block = block[key]
            elif draw(st.booleans()):
                block[key] = draw(anything)
                break
            else:
                del block[key]
                break
    return path, data


def test_unchanged_documents_have_no_problems(valid: KnowledgeBase) -> None:
    assert [problem for problem in valid.problems() if problem.code not in {"GATE013", "GATE005"}] == []


@given(st.data())
def test_wrong_value_is_reported_and_raises_nothing(valid: KnowledgeBase, data: st.DataObject) -> None:
    path, front = data.draw(changes(valid))
    files = valid.files()
    raw = f"---\n{dump(front)}---\n".encode("utf-8", "replace")
    repository = Repository.of(InMemory({**files, path: raw}), config.load(valid.root))
    for problem in check(repository):
        assert problem.code in RULES
        assert problem.remedy
        length = len(raw.split(b"\n")) if problem.path == path else len(files[problem.path].split(b"\n"))
        assert 1 <= problem.position.line <= length
    known = knowledge.read(repository)
    assert {each.ref for each in known.iterations} == {"churn/01-setup", "churn/02-more", "wine/01-setup"}
    for folder in repository.iterations:
        command = next_step(folder).command.split()
        assert not command or (command[0] == "iterata" and command[1] in COMMANDS)


STEPS = (
    "change",
    "change elsewhere",
    "restore",
    "new iteration",
    "lost result",
    "hidden document",
    "refer",
    "lost finding",
)


@settings(max_examples=20)
@given(st.lists(st.sampled_from(STEPS), min_size=1, max_size=6))
def test_cached_verdicts_equal_those_of_a_new_check(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    base = KnowledgeBase(tmp_path_factory.mktemp("cached"))
    base.grow(TREE)
    for number, step in enumerate(steps):
        _take(base, step, number)
        found = config.load(base.root)
        cached = check(Repository.on_disk(found), (), VerdictCache(found))
        assert cached == check(Repository.on_disk(found))
        assert cached == check(Repository.on_disk(found), (), VerdictCache(found))


def _take(base: KnowledgeBase, step: str, number: int) -> None:
    report = "churn/01-setup/report"
    match step:
        case "change":
            base.set("churn/requirements", "model_kind", "magic")
        case "change elsewhere":
            base.set("wine/01-setup/assessment", "recommendation", "perhaps")
        case "restore":
            base.document("churn/requirements")
        case "new iteration":
            base.document(f"wine/{number + 2:02}-more/proposal")
        case "lost result":
            (base.root / "projects/churn/01-setup/results/lift.json").unlink(missing_ok=True)
        case "hidden document":
            base.write(f"projects/churn/notes/{number}/x.txt", "x")
            base.write("projects/churn/notes/report.md", samples.document(Stage.REPORT))
        case "refer":
            base.set(report, "findings[0].supports", ["wine/#F9"])
        case "lost finding":
            base.change("projects/wine/requirements.md", "- id: F", "- id: F1")
