"""Checks every input of the fuzzer.

One input replaces a document or a result of the example: with arbitrary bytes, or with the same file in which
some values differ. Every rule, the board, the site's read model, the summary and each format of `check` must
end without an exception. The summary must contain no HTML tag and no control character.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from atheris import FuzzedDataProvider

from iterata import knowledge
from iterata.documents.yaml.dumper import dump
from iterata.lifecycle.context import document_contexts
from iterata.lifecycle.next_step import next_step
from iterata.repository import config, git
from iterata.repository.git_tree import GitTree
from iterata.repository.projects import Repository
from iterata.repository.tree import DirEntry
from iterata.review.changes import Change, Comparison
from iterata.review.review import review
from iterata.review.summary import summary
from iterata.stages import IterationKind, Outcome, Stage, Status
from iterata_cli.formats import FORMATS, writer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
ITERATION = "01-"
"""The example's first iteration; the others would only take time."""
WORDS = [
    *(member.value for kind in (Stage, Status, IterationKind, Outcome) for member in kind),
    *("TODO", "01-setup", "#F1", "H1", "../x", "data/x.csv", "2026-02-30", "sha256:" + "0" * 64),
    *("<b>", "a|b", "`", "@x", "\x1b[1m", "\u2028", "\ud800", "", " ", "kind", "findings", "id"),
]
_STYLE = re.compile("\x1b\\[[0-9;]*m")


class InMemory:
    """A tree of files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def entries(self, folder: str) -> list[DirEntry]:
        """The entries of a folder."""
        below = [path.removeprefix(f"{folder}/") for path in self.files if path.startswith(f"{folder}/")]
        return sorted({DirEntry(path.split("/")[0], "/" in path) for path in below})

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return self.files[path]

    def size(self, path: str) -> int | None:
        """The number of bytes of a file; None if there is none."""
        return len(self.files[path]) if path in self.files else None


class Target:
    """The example, one file of which the fuzzer replaces."""

    def __init__(self) -> None:
        self._config = config.load(ROOT)
        self._head = git.head(ROOT) or ""
        self._head_tree = GitTree(ROOT, self._head, self._config.settings.projects_dir)
        paths = sorted((ROOT / self._config.settings.projects_dir).rglob("*"))
        iteration_files = [
            path for path in paths if path.name == "requirements.md" or f"/{ITERATION}" in path.as_posix()
        ]
        files = [path for path in iteration_files if path.suffix in {".md", ".json"}]
        self._files = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files}
        self._paths = list(self._files)
        self._unchanged = self._with({})

    def _with(self, changed: dict[str, bytes]) -> Repository:
        return Repository.of(InMemory(self._files | changed), self._config)

    def seeds(self) -> Iterator[bytes]:
        """Every file as it is; the first byte of an input selects the file that the rest replaces."""
        for number, path in enumerate(self._paths):
            yield bytes([number]) + self._files[path]
            yield bytes([number + 128]) + bytes(range(64))

    def __call__(self, data: bytes) -> None:
        """Check the change of a file to the input, and the change back."""
        if not data:
            return
        path = self._paths[data[0] % 128 % len(self._paths)]
        raw = data[1:] if data[0] < 128 else _mutated(self._files[path], FuzzedDataProvider(data[1:]))
        mutated = self._with({path: raw})
        for before, after in ((self._unchanged, mutated), (mutated, self._unchanged)):
            self._check(before, after, path)
        knowledge.read(mutated)
        for folder in mutated.iterations:
            next_step(folder)

    def _check(self, before: Repository, after: Repository, path: str) -> None:
        old, new = (
            {case.document.path: case for case in document_contexts(repository)}
            for repository in (before, after)
        )
        changes = tuple(Change(old.get(name), new.get(name)) for name in sorted({*old, *new}))
        comparison = Comparison(
            base=before,
            base_commit=self._head,
            target=before,
            target_commit=self._head,
            settings=self._config.settings,
            head=after,
            head_commit=None,
            changed_paths=frozenset({path}),
            changes=changes,
            head_tree=self._head_tree,
        )
        verdict = review(comparison, ROOT)

        def lines(name: str) -> Sequence[str]:
            return after.tree.read(name).decode("utf-8", "replace").split("\n")

        outputs = {form: writer(form)(verdict.own, lines) for form in FORMATS}
        assert _is_printable(_STYLE.sub("", outputs["text"]))
        assert all(line.startswith("::") for line in outputs["github"].split("\n") if line)
        assert len(json.loads(outputs["json"])["problems"]) == len(verdict.own)
        assert json.loads(outputs["sarif"])["runs"]
        text = summary(comparison, verdict)
        assert "<" not in text
        assert _is_printable(text)


def _mutated(raw: bytes, provider: FuzzedDataProvider) -> bytes:
    """A file with other values in up to three places."""
    if not raw.startswith(b"---"):
        data = json.loads(raw)
        return json.dumps(_with_other_values(data, provider)).encode("utf-8", "replace")
    _, front, body = raw.decode().split("---\n", 2)
    data = _with_other_values(yaml.safe_load(front), provider)
    return f"---\n{dump(data)}---\n{body}".encode("utf-8", "replace")


def _with_other_values(data: Any, provider: FuzzedDataProvider) -> Any:
    data = deepcopy(data)
    for _ in range(provider.ConsumeIntInRange(1, 3)):
        block, keys = data, list(data)
        while keys:
            key = provider.PickValueInList(keys)
            inner = block[key]
            keys = list(inner) if isinstance(inner, dict) else []
            keys = list(range(len(inner))) if isinstance(inner, list) else keys
            if not keys or provider.ConsumeIntInRange(0, 3) == 0:
                block[key] = _replacement(provider, inner)
                break
            block = inner
    return data


def _replacement(provider: FuzzedDataProvider, old: Any) -> Any:
    """A value of some kind; or the old one in a list, twice in a list, or in a block."""
    values = [
        lambda: provider.PickValueInList(WORDS),
        lambda: provider.ConsumeUnicode(12),
        lambda: provider.ConsumeInt(9),
        provider.ConsumeFloat,
        provider.ConsumeBool,
        lambda: None,
        lambda: [old],
        lambda: [old, old],
        lambda: {provider.PickValueInList(WORDS): old},
        list,
        dict,
    ]
    return provider.PickValueInList(values)()


def _is_printable(text: str) -> bool:
    return all(character.isprintable() or character in "\n\N{ZERO WIDTH SPACE}" for character in text)
