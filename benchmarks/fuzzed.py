"""What is done with every input of the fuzzer.

One input is one file in the place of a document or a result of the example: bytes as they come, or the file
with other values in some places. Whatever it holds, every rule, the board, the site's read model, the
summary and each format of `check` must come to an end without an exception; the summary must hold no tag,
and nothing of it may be obeyed by a terminal.
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
from iterata.repository import config
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
"""The example's first iteration is enough; the others only take time."""
WORDS = [
    *(each.value for kind in (Stage, Status, IterationKind, Outcome) for each in kind),
    *("TODO", "01-setup", "#F1", "H1", "../x", "data/x.csv", "2026-02-30", "sha256:" + "0" * 64),
    *("<b>", "a|b", "`", "@x", "\x1b[1m", "\u2028", "\ud800", "", " ", "kind", "findings", "id"),
]
_STYLE = re.compile("\x1b\\[[0-9;]*m")


class InMemory:
    """A tree of files that are nowhere on the disk."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def entries(self, folder: str) -> list[DirEntry]:
        """What stands in a folder."""
        below = [path.removeprefix(f"{folder}/") for path in self.files if path.startswith(f"{folder}/")]
        return sorted({DirEntry(path.split("/")[0], "/" in path) for path in below})

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return self.files[path]


class Target:
    """The example, one file of which is what the fuzzer likes."""

    def __init__(self) -> None:
        self._config = config.load(ROOT)
        found = sorted((ROOT / self._config.settings.projects_dir).rglob("*"))
        judged = [
            each for each in found if each.name == "requirements.md" or f"/{ITERATION}" in each.as_posix()
        ]
        files = [each for each in judged if each.suffix in {".md", ".json"}]
        self._files = {each.relative_to(ROOT).as_posix(): each.read_bytes() for each in files}
        self._paths = list(self._files)
        self._sound = self._with({})

    def _with(self, changed: dict[str, bytes]) -> Repository:
        return Repository.of(InMemory(self._files | changed), self._config)

    def seeds(self) -> Iterator[bytes]:
        """Every file as it is; the first byte of an input says in whose place the rest stands."""
        for number, path in enumerate(self._paths):
            yield bytes([number]) + self._files[path]
            yield bytes([number + 128]) + bytes(range(64))

    def __call__(self, data: bytes) -> None:
        """Judge the change of a file to the input, and the change back."""
        if not data:
            return
        path = self._paths[data[0] % 128 % len(self._paths)]
        raw = data[1:] if data[0] < 128 else _changed(self._files[path], FuzzedDataProvider(data[1:]))
        spoilt = self._with({path: raw})
        for before, after in ((self._sound, spoilt), (spoilt, self._sound)):
            self._judge(before, after, path)
        knowledge.read(spoilt)
        for folder in spoilt.iterations:
            next_step(folder)

    def _judge(self, before: Repository, after: Repository, path: str) -> None:
        old, new = (
            {case.document.path: case for case in document_contexts(each)} for each in (before, after)
        )
        changes = tuple(Change(old.get(each), new.get(each)) for each in sorted({*old, *new}))
        settings, touched = self._config.settings, frozenset({path})
        comparison = Comparison(before, before, "", settings, after, None, touched, changes)
        verdict = review(comparison, ROOT)

        def lines(name: str) -> Sequence[str]:
            return after.tree.read(name).decode("utf-8", "replace").split("\n")

        said = {form: writer(form)(verdict.own, lines) for form in FORMATS}
        assert _is_harmless(_STYLE.sub("", said["text"]))
        assert all(line.startswith("::") for line in said["github"].split("\n") if line)
        assert len(json.loads(said["json"])["problems"]) == len(verdict.own)
        assert json.loads(said["sarif"])["runs"]
        text = summary(comparison, verdict)
        assert "<" not in text
        assert _is_harmless(text)


def _changed(raw: bytes, choice: FuzzedDataProvider) -> bytes:
    """A file with other values in up to three places."""
    if not raw.startswith(b"---"):
        data = json.loads(raw)
        return json.dumps(_elsewhere(data, choice)).encode("utf-8", "replace")
    _, front, body = raw.decode().split("---\n", 2)
    data = _elsewhere(yaml.safe_load(front), choice)
    return f"---\n{dump(data)}---\n{body}".encode("utf-8", "replace")


def _elsewhere(data: Any, choice: FuzzedDataProvider) -> Any:
    data = deepcopy(data)
    for _ in range(choice.ConsumeIntInRange(1, 3)):
        block, keys = data, list(data)
        while keys:
            key = choice.PickValueInList(keys)
            inner = block[key]
            keys = list(inner) if isinstance(inner, dict) else []
            keys = list(range(len(inner))) if isinstance(inner, list) else keys
            if not keys or choice.ConsumeIntInRange(0, 3) == 0:
                block[key] = _anything(choice, inner)
                break
            block = inner
    return data


def _anything(choice: FuzzedDataProvider, old: Any) -> Any:
    """A value of some kind; or the old one, in a list, twice, or in a block."""
    values = [
        lambda: choice.PickValueInList(WORDS),
        lambda: choice.ConsumeUnicode(12),
        lambda: choice.ConsumeInt(9),
        choice.ConsumeFloat,
        choice.ConsumeBool,
        lambda: None,
        lambda: [old],
        lambda: [old, old],
        lambda: {choice.PickValueInList(WORDS): old},
        list,
        dict,
    ]
    return choice.PickValueInList(values)()


def _is_harmless(text: str) -> bool:
    return all(each.isprintable() or each in "\n\N{ZERO WIDTH SPACE}" for each in text)
