"""Verdicts remembered by content, so that a project that has not changed is not judged twice.

What a verdict depends on is in its key: every file of the project that a rule reads, the names of all others,
the settings, and iterata's own code. A file that is missing, broken or of another make is as good as none.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import iterata
from iterata.errors import IterataError
from iterata.files import state_dir, write_text
from iterata.problems import Position, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.config import Config
    from iterata.repository import Project, Repository

FORMAT = 1

_FINDING_ELSEWHERE = re.compile(rb"/(?<=[a-z0-9]/)(?:[0-9]{2,}-[a-z0-9-]+)?#")
"""A finding of another project, as in `churn/01-setup#F2`, or of its requirements, as in `churn/#F1`.

It begins with the slash, the rarest of its characters, which is found twenty times as fast as any letter.
"""


class Memory:
    """The verdicts of earlier checks of a working tree."""

    def __init__(self, config: Config) -> None:
        self._root = config.root
        self._salt = hashlib.sha256(f"{FORMAT} {config.settings!r} {_code()}".encode()).hexdigest()
        self._verdicts = self._load()
        self._keys: dict[str, str] = {}
        self._changed = False

    def prepare(self, repository: Repository) -> None:
        """Take the fingerprints of all projects."""
        outward = []
        for project in repository.projects:
            digest, refers = hashlib.sha256(self._salt.encode()), False
            for name, raw in files_of(project):
                digest.update(f"{name} {len(raw)}\0".encode("utf-8", "surrogateescape") + raw)
                refers = refers or looks_outward(raw)
            self._keys[project.name] = digest.hexdigest()
            outward += [project.name] if refers else []
        everything = hashlib.sha256(json.dumps(self._keys, sort_keys=True).encode()).hexdigest()
        self._keys |= {name: f"{self._keys[name]} {everything}" for name in outward}

    def recall(self, project: Project) -> list[Problem] | None:
        """The verdict on a project as it now is, if it was judged before."""
        verdict = self._verdicts.get(project.name)
        if not isinstance(verdict, dict) or verdict.get("key") != self._keys.get(project.name):
            return None
        try:
            return [_problem(*entry) for entry in verdict["problems"]]
        except (KeyError, TypeError, ValueError):
            return None

    def remember(self, project: Project, problems: Sequence[Problem]) -> None:
        """Keep the verdict on a project as it now is."""
        self._verdicts[project.name] = {
            "key": self._keys[project.name],
            "problems": [list(each) for each in problems],
        }
        self._changed = True

    def save(self) -> None:
        """Write what was learned; where nothing can be written, the next check judges again."""
        if not self._changed:
            return
        kept = {name: self._verdicts[name] for name in self._keys if name in self._verdicts}
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
    entries = project.repository.entries
    iterations = [f"{each.path}{part}" for each in project.iterations for part in ("", "/results")]
    for folder in (project.path, *iterations):
        for name, is_dir in entries(folder):
            path = f"{folder}/{name}"
            judged = not is_dir and name.endswith((".md", ".json"))
            yield path, _bytes(project, path) if judged else b"/" if is_dir else b""
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
