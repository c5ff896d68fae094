"""A cache of verdicts by content, so that a project that has not changed is not checked twice.

The key of a verdict is a digest of all that it depends on: every file of the project that a rule reads, the
names of all other files, the settings, and iterata's own code. A cache file that is missing, broken or of
another format counts as empty.

As in Git's index, a file is not even read if the file system reports the same size, times and inode as when
it was last read. This applies only to files that had been unchanged for a while at that time: two changes
within one tick of the file system's clock leave the same times.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import iterata
from iterata.errors import ContentMissingError, IterataError
from iterata.problems import Position, Problem, Severity
from iterata.repository.exploration.places import explorations
from iterata.repository.files import state_dir, write_text
from iterata.repository.tree import DiskTree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.repository.config import Config
    from iterata.repository.projects import Project, Repository

FORMAT = 2

SETTLED = 2_000_000_000
"""Nanoseconds after which a further change alters a file's times on every file system; FAT counts in 2 s."""

LARGEST_READ = 20_000_000
"""Bytes of a file of an exploration above which it is not read: the site shows none that is as large."""

MOST_READ = 600
"""Files of explorations beyond which they are not read: the site shows 60 of each."""

ENDED_BY_TIME = ("REL008",)
"""The codes of problems that go away without any change."""

REFERENCES_OUTSIDE = (r"/(?:(?<=[a-z0-9]/)(?:[0-9]{2,}-[a-z0-9-]+)?#|results/)", "superseded_by")
"""How a document refers to another project: by a finding, such as `churn/01-setup#F2` or `churn/#F1` (of its
requirements), by a result file, such as `churn/01-setup/results/lift.json`, or by a key.

They are Perl's regular expressions as well, with which Git searches. The first begins with the slash, its
rarest character: the search is twenty times as fast as with a letter.
"""

_RESULT_OR_FINDING, _KEY = re.compile(REFERENCES_OUTSIDE[0].encode()), REFERENCES_OUTSIDE[1].encode()


class ProjectState(NamedTuple):
    """The state of a project's files."""

    stamp: str
    """A digest of sizes, times and inodes; empty if they are not reliable yet."""
    content: str
    """A digest of the files' contents."""
    refers_outside: bool
    """Whether a file may refer to another project."""


class VerdictCache:
    """The verdicts of earlier checks of a working tree."""

    def __init__(self, config: Config) -> None:
        self._root = config.root
        self._started = time.time_ns()
        self._salt = hashlib.sha256(f"{FORMAT} {config.settings!r} {_own_code()}".encode()).hexdigest()
        self._verdicts = self._load()
        self._states: dict[str, ProjectState] = {}
        self._all_contents = ""
        self._changed = False
        self._checked: set[str] = set()

    def prepare(self, repository: Repository) -> None:
        """Determine the state of all projects."""
        self._states = {project.name: self._state(project) for project in repository.projects}
        contents = {name: state.content for name, state in self._states.items()}
        self._all_contents = hashlib.sha256(json.dumps(contents, sort_keys=True).encode()).hexdigest()

    def checked_files(self, repository: Repository) -> list[str]:
        """The documents of iterations of the projects that had changed, so that they were checked."""
        changed = (project for project in repository.projects if project.name in self._checked)
        folders = (folder for project in changed for folder in project.iterations)
        return [f"{folder.path}/{name}" for folder in folders for name in folder.files]

    def get(self, project: Project) -> list[Problem] | None:
        """The problems of a project in its current state; None if it was not checked in this state."""
        verdict = self._verdict(project)
        if verdict.get("key") != self._key(project):
            return None
        state, problems = self._states[project.name], verdict.get("problems")
        if state.stamp and verdict.get("seen") != [*state]:
            verdict["seen"], self._changed = [*state], True
        try:
            return [_problem(*entry) for entry in problems] if isinstance(problems, list) else None
        except (TypeError, ValueError):
            return None

    def put(self, project: Project, problems: Sequence[Problem]) -> None:
        """Store the problems of a project in its current state, unless the next day may end one of them."""
        self._checked.add(project.name)
        if any(problem.code in ENDED_BY_TIME for problem in problems):
            return
        self._verdicts[project.name] = {
            "key": self._key(project),
            "seen": self._states[project.name],
            "problems": [list(problem) for problem in problems],
        }
        self._changed = True

    def save(self) -> None:
        """Write the cache, if it changed. If it cannot be written, the next check starts without it."""
        if not self._changed:
            return
        verdicts = {name: self._verdicts[name] for name in self._states if name in self._verdicts}
        try:
            write_text(
                state_dir(self._root) / "verdicts.json", json.dumps({"format": FORMAT, "verdicts": verdicts})
            )
        except (IterataError, OSError):
            return

    def _load(self) -> dict[str, object]:
        try:
            stored = json.loads((self._root / ".iterata" / "verdicts.json").read_bytes())
            verdicts = stored["verdicts"] if stored["format"] == FORMAT else {}
        except (OSError, ValueError, KeyError, TypeError):
            return {}
        return verdicts if isinstance(verdicts, dict) else {}

    def _verdict(self, project: Project) -> dict[str, object]:
        verdict = self._verdicts.get(project.name)
        return verdict if isinstance(verdict, dict) else {}

    def _key(self, project: Project) -> str:
        state = self._states[project.name]
        return f"{state.content} {self._all_contents}" if state.refers_outside else state.content

    def _stamp(self, project: Project) -> str:
        stamp = file_stamp(project, self._started)
        return hashlib.sha256(f"{self._salt} {stamp}".encode()).hexdigest() if stamp else ""

    def _state(self, project: Project) -> ProjectState:
        stamp = self._stamp(project)
        match self._verdict(project).get("seen"):
            case [str(earlier), str(content), bool(refers_outside)] if earlier == stamp != "":
                return ProjectState(stamp, content, refers_outside)
        digest, refers_outside = hashlib.sha256(self._salt.encode()), False
        for name, raw in (*project_files(project), *explored_files(project)):
            digest.update(f"{name} {len(raw)}\0".encode("utf-8", "surrogateescape") + raw)
            refers_outside = refers_outside or may_refer_outside(raw)
        return ProjectState(stamp, digest.hexdigest(), refers_outside)


def file_stamp(project: Project, started: int) -> str:
    """A digest of the sizes, times and inodes of a project's files; empty if they are not reliable yet.

    Args:
        project: the project.
        started: the time before which all of them must have settled, in nanoseconds.
    """
    parts, newest = [], 0
    explored = ((path, None) for path in _explored_paths(project))
    root = project.repository.tree.root if isinstance(project.repository.tree, DiskTree) else None
    if root is None:
        return ""
    for path, content in (*listing(project), *explored):
        parts.append(f"{path} {content!r}")
        if content is None:
            try:
                stat = os.stat(f"{root}/{path}")  # noqa: PTH116  # half the time of a Path
            except OSError:
                return ""
            newest = max(newest, stat.st_mtime_ns, stat.st_ctime_ns)
            parts.append(f"{stat.st_size} {stat.st_mtime_ns} {stat.st_ctime_ns} {stat.st_ino}")
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return digest if newest + SETTLED < started else ""


def _problem(code: str, severity: str, path: str, position: list[int], field: str, *texts: str) -> Problem:
    line, column = position
    return Problem(code, Severity(severity), path, Position(int(line), int(column)), field, *texts)


def project_files(project: Project) -> Iterator[tuple[str, bytes]]:
    """Every file of a project that a rule reads, with its bytes, and the names of all others, in order."""
    return (
        (path, bytes_of(project, path) if content is None else content) for path, content in listing(project)
    )


def paths_to_read(project: Project) -> Iterator[str]:
    """The files of a project that a rule reads."""
    return (path for path, content in listing(project) if content is None)


def listing(project: Project) -> Iterator[tuple[str, bytes | None]]:
    """Every path with its content: `/` for a folder, empty if only the name matters, None if it is read."""
    entries = project.repository.entries
    folders = [project.path]
    for iteration in project.iterations:
        has_results = "results" in iteration.files
        folders += [iteration.path, f"{iteration.path}/results"] if has_results else [iteration.path]
        folders += sorted({path.rpartition("/")[0] for _, _, path in iteration.earlier_rollouts})
    for folder in folders:
        for name, is_dir in entries(folder):
            is_read = not is_dir and name.endswith((".md", ".json"))
            yield f"{folder}/{name}", None if is_read else b"/" if is_dir else b""
    for folder in project.other_folders:  # TREE002 looks for documents in them
        yield from ((f"{folder}/{name}", b"") for name, _ in entries(folder))


def _explored_paths(project: Project) -> Iterator[str]:
    """The files of all explorations: notices tell what is wrong with them."""
    for exploration in explorations(project):
        yield from (f"{exploration.path}/{name}" for name in exploration.names)
        yield from filter(None, [exploration.index_path])


def explored_files(project: Project) -> Iterator[tuple[str, bytes]]:
    """The files of all explorations with their content; of a large one, and beyond many, with its size."""
    for number, path in enumerate(_explored_paths(project)):
        size = project.repository.tree.size(path)
        is_read = number < MOST_READ and (size is None or size <= LARGEST_READ)
        yield path, _explored_content(project, path) if is_read else str(size).encode()


def _explored_content(project: Project, path: str) -> bytes:
    try:
        return bytes_of(project, path)
    except ContentMissingError:
        return b""


def may_refer_outside(raw: bytes) -> bool:
    """Whether a document may refer to another project, so that its verdict depends on the whole tree."""
    return _KEY in raw or _RESULT_OR_FINDING.search(raw) is not None


def bytes_of(project: Project, path: str) -> bytes:
    """The bytes of a file of a project, or why it cannot be read.

    Raises:
        ContentMissingError: its content is not in this clone.
    """
    try:
        return project.repository.read(path)
    except ContentMissingError:
        raise
    except IterataError as error:
        return str(error).encode("utf-8", "surrogateescape")


def _own_code() -> str:
    """The version of iterata, and the modification time of each of its modules."""
    package = Path(iterata.__file__).parent
    times = sorted((str(path), path.stat().st_mtime_ns) for path in package.rglob("*.py"))
    return f"{iterata.__version__} {times}"
