"""Kills a command with SIGKILL at each of its writes to the file system, deterministically.

An audit hook of Python counts the events that change files below the knowledge base. Each gives one moment at
which the process is killed; a file that is opened to be written gives two, before and after it is empty.

The commands run in forks of one process that has imported everything, so a hundred kills take seconds. This
module is started as a script, because a process with threads must not fork:

    python tests/helpers/kills.py COUNT FOLDER...

Each folder holds the knowledge base `template` and the words of the command in `command`. For each, a line of
JSON is printed: how many moments there are, how many were tried, and each failure.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

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
CACHE = re.compile(r"\.iterata/(cache/.*\.(npz|json)|.*\.(lock|holder)|verdicts\.json)$")
TEMPORARY = re.compile(r"(^|/)\.[^/]+\.[0-9a-f]{8}\.tmp(/|$)|^\.iterata/verify/|^\.git/worktrees/")


class Moments:
    """Counts moments below a folder, and kills this process at one of them."""

    def __init__(self, root: Path, kill_at: int | None) -> None:
        self.root, self.kill_at, self.count = str(root), kill_at, 0

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


def in_fork(root: Path, words: list[str], kill_at: int | None) -> tuple[int, int]:
    """Run a command in a fork; return its exit code (-9 if it was killed), and how many moments it had."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.chdir(root)
        for stream in (1, 2):
            os.dup2(os.open(root.parent / "output", os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
        moments = Moments(root, kill_at)
        sys.addaudithook(moments)
        code = 3
        try:
            from iterata_cli.main import cli  # noqa: PLC0415

            cli(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            os.write(writing, str(moments.count).encode())
            os._exit(code)
    os.close(writing)
    count = os.read(reading, 100)
    os.close(reading)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), int(count or 0)


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
    return {path: content for path, content in found.items() if not CACHE.match(path)}


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def _content(path: Path) -> bytes:
    """The content; of a result without its provenance, which has durations."""
    content = path.read_bytes()
    if path.parent.name != "results":
        return content
    try:
        return json.dumps({**json.loads(content), "provenance": None}).encode()
    except ValueError:
        return content


def _is_complete(path: str, content: bytes) -> bool:
    """Whether a page that a command writes in several steps is whole after one of them."""
    return path.endswith(".md") and content.startswith(b"---\n") and content.endswith(b"\n")


def try_all(folder: Path, count: int, words: list[str]) -> dict[str, Any]:
    """Kill a command at `count` of its moments, evenly spread; after each kill run it again."""
    root = folder / "base"

    def fresh() -> dict[str, bytes]:
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(folder / "template", root, symlinks=True)
        return state(root)

    before = fresh()
    code, total = in_fork(root, words, None)
    assert code == 0, (folder / "output").read_text()
    after = state(root)
    failures = []
    moments = sorted({round(number * (total - 1) / max(1, count - 1)) for number in range(count)})
    for moment in moments:
        fresh()
        killed, _ = in_fork(root, words, moment)
        left = state(root)
        again, _ = in_fork(root, words, None) if left != after else (0, 0)
        finished = state(root)
        failures += [
            *([f"{moment}: not killed, exit {killed}"] if killed != -signal.SIGKILL else []),
            *(f"{moment}: torn {path}" for path in sorted(left) if _is_torn(path, left[path], before, after)),
            *([f"{moment}: exit {again} of the next run"] if again else []),
            *(
                f"{moment}: {path} differs afterwards"
                for path in sorted({*after, *finished})
                if after.get(path) != finished.get(path)
            ),
        ]
    return {"command": " ".join(words), "moments": total, "kills": len(moments), "failures": failures}


def _is_torn(path: str, content: bytes, before: dict[str, bytes], after: dict[str, bytes]) -> bool:
    known = content in (before.get(path), after.get(path))
    return not known and not TEMPORARY.search(path) and not _is_complete(path, content)


if __name__ == "__main__":
    import sklearn.linear_model  # noqa: F401  # imported once, not in each fork

    import iterata.actions.run
    import iterata.actions.verify
    import iterata.experiment.run  # noqa: F401

    for argument in sys.argv[2:]:
        words = (Path(argument) / "command").read_text("utf-8").split()
        print(json.dumps(try_all(Path(argument), int(sys.argv[1]), words)), flush=True)
