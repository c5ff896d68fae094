"""Kills a command with SIGKILL at each of its writes to the file system, deterministically.

An audit hook of Python counts the events that change files below the knowledge base. Each gives one moment
at which the process is killed; a file that is opened to be written gives two, before and after it is empty.
SQLite changes files without such events: each of its statements and commits gives one moment.

The commands run in forks of one process that has imported what they need, so a hundred kills take seconds.
This module is started as a script, because a process with threads must not fork:

    python tests/helpers/kills.py COUNT FOLDER...

Each folder holds the knowledge base `template` and the words of the command in `command`. For each, a line of
JSON is printed: how many moments there are, how many were tried, and each failure.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import sys
import traceback
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

CHANGES = {
    "os.mkdir",
    "os.rename",
    "os.remove",
    "os.rmdir",
    "os.truncate",
    "os.link",
    "os.symlink",
    "os.chmod",
}
STARTS = {"subprocess.Popen", "os.posix_spawn", "os.fork"}
CACHE = re.compile(
    r"\.iterata/(cache/.*\.(npz|json)|cache/in-use/[^/]+\.txt|.*\.(lock|holder)|verdicts\.json)$"
)
TEMPORARY = re.compile(
    r"(^|/)\.[^/]+\.[0-9a-f]{8}\.tmp(/|$)|^\.iterata/verify/|^\.git/worktrees/|\.db-(journal|wal|shm)$"
)
MLFLOW_TEMPORARY = {
    re.compile(r"^mlartifacts/(.*/)?$"): "MLflow creates the folders of a run before its first file",
    re.compile(r"^mlartifacts/.*/\.artifact\.uploading\.[^/]+$"): "MLflow renames a file that it has written",
}
"""What MLflow leaves in the folder of a run. `track` deletes the run; `mlflow gc` deletes its folder."""
RUN = re.compile(r"/[0-9a-f]{32}/")
"""The folder of a run of MLflow."""
MLFLOW = {
    "runs": "SELECT name, status FROM runs WHERE lifecycle_stage = 'active'",
    "metrics": "SELECT r.name, m.key, m.value FROM metrics m JOIN runs r USING (run_uuid) "
    "WHERE r.lifecycle_stage = 'active'",
    "params": "SELECT r.name, p.key, p.value FROM params p JOIN runs r USING (run_uuid) "
    "WHERE r.lifecycle_stage = 'active'",
}
"""What a user sees in MLflow's database: names are drawn, and deleted runs stay in it."""
MLFLOW_DELETED = "SELECT run_uuid FROM runs WHERE lifecycle_stage = 'deleted'"


SLOW = ("iterata.experiment.run", "mlflow")
"""Imported before the first command: else a fork imports them to learn what it needs, then this process."""


class Moments:
    """Counts moments below a folder, and kills this process at one of them."""

    def __init__(self, root: Path, kill_at: int | None) -> None:
        self.root, self.kill_at, self.count = str(root), kill_at, 0

    def watch(self) -> None:
        """Count from now on."""
        connect = sqlite3.dbapi2.connect

        def connect_and_trace(*args: Any, **options: Any) -> sqlite3.Connection:
            connection = connect(*args, **options)
            connection.set_trace_callback(lambda _: self._moment())
            return connection

        sqlite3.dbapi2.connect = connect_and_trace
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if event in STARTS or (event in CHANGES and self._is_inside(*args[:2])):
            self._moment()
        elif event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR) and self._is_inside(args[0]):
            self._moment()
            if args[2] & (os.O_TRUNC | os.O_CREAT):
                self._moment(empty=args[0])

    def _is_inside(self, *paths: object) -> bool:
        named = (os.fsdecode(path) for path in paths if isinstance(path, str | bytes | os.PathLike))
        return any(str(Path.cwd() / path).startswith(self.root) for path in named)

    def _moment(self, empty: Any = None) -> None:
        if self.count == self.kill_at:
            self.kill_at = None  # opening it is an event, too
            if empty is not None:
                os.close(os.open(empty, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666))
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1


class Ended(NamedTuple):
    """How a command in a fork ended."""

    code: int
    """-9 if it was killed."""
    moments: int
    modules: list[str]
    """What it imported."""


def in_fork(root: Path, words: list[str], kill_at: int | None) -> Ended:
    """Run a command in a fork of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _run_and_exit(root, words, kill_at, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        count, modules = json.loads(pipe.read() or b"[0, []]")
    return Ended(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), count, modules)


def _run_and_exit(root: Path, words: list[str], kill_at: int | None, writing: int) -> None:
    os.chdir(root)
    for stream in (1, 2):
        os.dup2(os.open(root.parent / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    code, moments = 3, Moments(root, kill_at)
    try:
        from iterata_cli.main import cli  # noqa: PLC0415

        moments.watch()
        cli(words)
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        os.write(writing, json.dumps([moments.count, sorted(sys.modules)]).encode())
        os._exit(code)


def import_all(modules: list[str]) -> None:
    """Import what a command needs into this process, which must not have threads when it forks."""
    for name in modules:
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    names = [Path(task, "comm").read_text().strip() for task in Path("/proc/self/task").iterdir()]
    assert [name for name in names if name != "jemalloc_bg_thd"] == names[:1], names  # it survives a fork
    gc.collect()
    gc.freeze()


def state(root: Path) -> dict[str, bytes]:
    """Every file and empty folder, apart from caches and locks; of Git's own only the worktrees."""
    found = {f".git/worktrees/{name}": b"" for name in _names(root / ".git/worktrees")}
    for folder, folders, names in os.walk(root):
        place = Path(folder).relative_to(root)
        if place == Path() and ".git" in folders:
            folders.remove(".git")
        if not names and not folders and place.parts[:1] != (".iterata",):
            found[f"{place}/"] = b""
        found |= {str(place / name): _content(Path(folder) / name) for name in names}
    deleted = _deleted_runs(root / "mlflow.db")
    found = {path: content for path, content in found.items() if deleted.isdisjoint(path.split("/"))}
    return {RUN.sub("/RUN/", path): content for path, content in found.items() if not CACHE.match(path)}


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def _content(path: Path) -> bytes:
    """The content; of a result without its provenance, which has durations; of a database its rows;
    of an entry of the cache the names of its members.
    """
    if path.suffix == ".db":
        return _rows(path)
    if path.suffix == ".zip":
        return _members(path)
    content = path.read_bytes()
    if path.parent.name != "results":
        return content
    try:
        return json.dumps({**json.loads(content), "provenance": None}).encode()
    except ValueError:
        return content


def _rows(path: Path) -> bytes:
    with contextlib.closing(sqlite3.connect(path)) as database:
        try:
            rows = {name: sorted(map(repr, database.execute(query))) for name, query in MLFLOW.items()}
        except sqlite3.OperationalError:  # it was killed while it created its tables
            return b""
    return json.dumps(rows).encode()


def _deleted_runs(path: Path) -> set[str]:
    """The runs that `track` deleted because they were not finished."""
    if not path.exists():
        return set()
    with contextlib.closing(sqlite3.connect(path)) as database, contextlib.suppress(sqlite3.OperationalError):
        return {run for (run,) in database.execute(MLFLOW_DELETED)}
    return set()


def _members(path: Path) -> bytes:
    """The names in a ZIP file; another text if it is torn."""
    try:
        with zipfile.ZipFile(path) as entry:
            return json.dumps([entry.testzip(), *sorted(entry.namelist())]).encode()
    except zipfile.BadZipFile:
        return b"torn"


def _is_complete(path: str, content: bytes) -> bool:
    """Whether a page that a command writes in several steps is whole after one of them."""
    return path.endswith(".md") and content.startswith(b"---\n") and content.endswith(b"\n")


class Sweep:
    """Kills one command at many moments, each time on a new copy of its knowledge base."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.root = folder, folder / "base"
        self.words = shlex.split((folder / "command").read_text("utf-8"))
        self.before = self._fresh()
        import_all(in_fork(self.root, self.words, None).modules)
        self._fresh()
        code, self.moments, _ = in_fork(self.root, self.words, None)
        assert code == 0, self._output()
        self.after = state(self.root)

    def _fresh(self) -> dict[str, bytes]:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.folder / "template", self.root, symlinks=True)
        return state(self.root)

    def _output(self) -> str:
        return (self.folder / "output").read_text("utf-8", "replace")

    def kill(self, count: int) -> dict[str, Any]:
        """Kill the command at `count` of its moments, evenly spread; after each kill run it again."""
        spread = {round(number * (self.moments - 1) / max(1, count - 1)) for number in range(count)}
        moments = sorted(spread) if self.moments else []  # a command that only reads has none
        failures = [f"{moment}: {failure}" for moment in moments for failure in self._failures(moment)]
        command = " ".join(self.words)
        return {"command": command, "moments": self.moments, "kills": len(moments), "failures": failures}

    def _failures(self, moment: int) -> list[str]:
        self._fresh()
        killed = in_fork(self.root, self.words, moment).code
        left = state(self.root)
        again = in_fork(self.root, self.words, None).code
        if again and (database := re.search(r"fix: .*: delete (\S+\.db), then", self._output())):
            Path(self.root / database[1]).unlink()
            again = in_fork(self.root, self.words, None).code
        finished = state(self.root)
        differ = (path for path in {*self.after, *finished} if self.after.get(path) != finished.get(path))
        return [
            *([f"not killed, exit {killed}"] if killed != -signal.SIGKILL else []),
            *(f"torn {path}" for path in sorted(left) if self._is_torn(path, left[path])),
            *([f"exit {again} of the next run: {self._output()}"] if again else []),
            *(f"{path} differs afterwards" for path in sorted(differ)),
        ]

    def _is_torn(self, path: str, content: bytes) -> bool:
        known = content in (self.before.get(path), self.after.get(path)) or path.endswith(".db")
        temporary = TEMPORARY.search(path) or any(pattern.search(path) for pattern in MLFLOW_TEMPORARY)
        return not known and not temporary and not _is_complete(path, content)


def outcome(folder: Path, count: int) -> dict[str, Any]:
    """What came of the kills of one command; an exception is a failure, and the other commands go on."""
    try:
        return Sweep(folder).kill(count)
    except Exception:
        return {"command": (folder / "command").read_text(), "failures": [traceback.format_exc()]}


if __name__ == "__main__":
    import_all([*SLOW])
    for argument in sys.argv[2:]:
        print(json.dumps(outcome(Path(argument), int(sys.argv[1]))), flush=True)
