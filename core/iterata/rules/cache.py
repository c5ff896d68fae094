"""Verdicts remembered by content, so that a project that has not changed is not judged twice.

What a verdict depends on is in its key: every file of the project that a rule reads, the names of all others,
the settings, and iterata's own code. A file that is missing, broken or of another make is as good as none.

As in Git's index, files are not even read where the file system tells the same of them as when they were
read last: size, times and inode. That is relied on only for files which had been left alone for a while by
then, as whoever changes a file twice within one tick of the clock leaves no trace there.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import iterata
from iterata.errors import IterataError
from iterata.problems import Position, Problem, Severity
from iterata.repository.files import state_dir, write_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.repository.config import Config
    from iterata.repository.projects import Project, Repository

FORMAT = 2

SETTLED = 2_000_000_000
"""Nanoseconds after which no file system's clock can hide a change any more; FAT counts in two seconds."""

_FINDING_ELSEWHERE = re.compile(rb"/(?<=[a-z0-9]/)(?:[0-9]{2,}-[a-z0-9-]+)?#")
"""A finding of another project, as in `churn/01-setup#F2`, or of its requirements, as in `churn/#F1`.

It begins with the slash, the rarest of its characters, which is found twenty times as fast as any letter.
"""


class Seen(NamedTuple):
    """What a project's files were when they were looked at."""

    stamp: str
    """A digest of what the file system tells of them; empty where that cannot be relied on yet."""
    content: str
    """A digest of what they hold."""
    outward: bool
    """Whether one of them may refer to another project."""


class VerdictCache:
    """The verdicts of earlier checks of a working tree."""

    def __init__(self, config: Config) -> None:
        self._root = config.root
        self._began = time.time_ns()
        self._salt = hashlib.sha256(f"{FORMAT} {config.settings!r} {_code()}".encode()).hexdigest()
        self._verdicts = self._load()
        self._seen: dict[str, Seen] = {}
        self._everything = ""
        self._changed = False

    def prepare(self, repository: Repository) -> None:
        """Look at the files of all projects."""
        self._seen = {project.name: self._look(project) for project in repository.projects}
        contents = {name: seen.content for name, seen in self._seen.items()}
        self._everything = hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()

    def recall(self, project: Project) -> list[Problem] | None:
        """The verdict on a project as it now is, if it was judged before."""
        verdict = self._verdict(project)
        if verdict.get("key") != self._key(project):
            return None
        seen = self._seen[project.name]
        if seen.stamp and verdict.get("seen") != [*seen]:
            verdict["seen"], self._changed = [*seen], True
        try:
            return [_problem(*entry) for entry in verdict["problems"]]
        except (KeyError, TypeError, ValueError):
            return None

    def remember(self, project: Project, problems: Sequence[Problem]) -> None:
        """Keep the verdict on a project as it now is."""
        self._verdicts[project.name] = {
            "key": self._key(project),
            "seen": self._seen[project.name],
            "problems": [list(each) for each in problems],
        }
        self._changed = True

    def _key(self, project: Project) -> str:
        seen = self._seen[project.name]
        return f"{seen.content} {self._everything}" if seen.outward else seen.content

    def _verdict(self, project: Project) -> dict[str, Any]:
        verdict = self._verdicts.get(project.name)
        return verdict if isinstance(verdict, dict) else {}

    def _look(self, project: Project) -> Seen:
        stamp = self._stamp(project)
        match self._verdict(project).get("seen"):
            case [str(before), str(content), bool(outward)] if before == stamp != "":
                return Seen(stamp, content, outward)
        digest, outward = hashlib.sha256(self._salt.encode()), False
        for name, raw in files_of(project):
            digest.update(f"{name} {len(raw)}\0".encode("utf-8", "surrogateescape") + raw)
            outward = outward or looks_outward(raw)
        return Seen(stamp, digest.hexdigest(), outward)

    def _stamp(self, project: Project) -> str:
        told, newest = [self._salt], 0
        for path, kind in _listed(project):
            told.append(f"{path} {kind!r}")
            if kind is None:
                try:
                    found = os.stat(f"{self._root}/{path}")  # noqa: PTH116  # half the time of a Path
                except OSError:
                    return ""
                newest = max(newest, found.st_mtime_ns, found.st_ctime_ns)
                told.append(f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}")
        digest = hashlib.sha256("\0".join(told).encode("utf-8", "surrogateescape")).hexdigest()
        return digest if newest + SETTLED < self._began else ""

    def save(self) -> None:
        """Write what was learned; where nothing can be written, the next check judges again."""
        if not self._changed:
            return
        kept = {name: self._verdicts[name] for name in self._seen if name in self._verdicts}
        try:
            write_text(self._place(), json.dumps({"format": FORMAT, "verdicts": kept}))
        except (IterataError, OSError):
            return

    def _place(self) -> Path:
        return state_dir(self._root) / "verdicts.json"

    def _load(self) -> dict[str, Any]:
        try:
            stored = json.loads((self._root / ".iterata" / "verdicts.json").read_bytes())
            verdicts = stored["verdicts"] if stored["format"] == FORMAT else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return verdicts if isinstance(verdicts, dict) else {}


def _problem(code: str, severity: str, path: str, position: list[int], field: str, *words: str) -> Problem:
    line, column = position
    message, remedy = words
    return Problem(code, Severity(severity), path, Position(int(line), int(column)), field, message, remedy)


def files_of(project: Project) -> Iterator[tuple[str, bytes]]:
    """Every file of a project that a rule reads, and the names of all others, in a settled order."""
    return ((path, _bytes(project, path) if kind is None else kind) for path, kind in _listed(project))


def _listed(project: Project) -> Iterator[tuple[str, bytes | None]]:
    """Every path and what matters of it: that it is a folder, that it is there, or (none) what it holds."""
    entries = project.repository.entries
    iterations = [f"{each.path}{part}" for each in project.iterations for part in ("", "/results")]
    for folder in (project.path, *iterations):
        for name, is_dir in entries(folder):
            judged = not is_dir and name.endswith((".md", ".json"))
            yield f"{folder}/{name}", None if judged else b"/" if is_dir else b""
    for folder in project.other_folders:  # a rule looks for documents that nobody would find there
        yield from ((f"{folder}/{name}", b"") for name, _ in entries(folder))


def looks_outward(raw: bytes) -> bool:
    """Whether a document may refer to another project, so that its verdict depends on the whole tree."""
    return b"superseded_by" in raw or _FINDING_ELSEWHERE.search(raw) is not None


def _bytes(project: Project, path: str) -> bytes:
    try:
        return project.repository.tree.read(path)
    except IterataError as error:
        return str(error).encode("utf-8", "surrogateescape")


def _code() -> str:
    """What this copy of iterata is: its version, and when each module was last written."""
    package = Path(iterata.__file__).parent
    stamps = sorted((str(path), path.stat().st_mtime_ns) for path in package.rglob("*.py"))
    return f"{iterata.__version__} {stamps}"
