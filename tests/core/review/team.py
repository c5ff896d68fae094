"""A Git repository of a team, with commits, branches and merges."""

from __future__ import annotations

import os
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from iterata.documents import scaffold
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.review.changes import compare
from iterata.review.review import Review, review
from iterata.rules.check import check
from iterata.stages import Stage, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from iterata.problems import Problem

_HERMETIC = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "data science",
    "GIT_AUTHOR_EMAIL": "data.science@example.org",
    "GIT_COMMITTER_NAME": "data science",
    "GIT_COMMITTER_EMAIL": "data.science@example.org",
}


class Team:
    """A team that writes documents, commits, branches and merges."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.clock = 1_760_000_000
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.write("mkdocs.yml", "site_name: Team\nplugins:\n  - iterata:\n      required_roles: {}\n")

    def git(self, *arguments: str) -> str:
        """Run Git; the clock advances by an hour."""
        self.clock += 3600
        date = {"GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env={**os.environ, **_HERMETIC, **date},
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        return done.stdout.strip()

    def write(self, path: str, text: str) -> None:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, "utf-8")

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")

    def document(self, path: str, status: Status | None = None) -> str:
        """Write a document without TODOs; return its path in the repository."""
        stage = Stage(path.rsplit("/", 1)[-1].removesuffix(".md"))
        text = scaffold.new(stage, {"status": status.value} if status else {})
        self.write(f"projects/{path}", text.replace("TODO: ", "").replace("TODO", "known"))
        return f"projects/{path}"

    def change(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new))

    def commit(self, message: str = "a step") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    @contextmanager
    def pull_request(self, name: str = "work") -> Iterator[None]:
        """A branch from main with one commit of what the body changes."""
        self.git("switch", "--quiet", "--create", name)
        yield
        self.commit(name)

    def review(self, base: str = "main", head: str | None = None) -> Review:
        with compare(config.load(self.root), base, head) as comparison:
            return review(comparison, self.root)

    def problems(self) -> list[Problem]:
        """The problems of the working tree."""
        return check(Repository.on_disk(config.load(self.root)))

    def codes(self, *, prefix: str = "MOVE", base: str = "main", head: str | None = None) -> list[str]:
        """The codes of the pull request's own problems that begin with `prefix`."""
        return [problem.code for problem in self.review(base, head).own if problem.code.startswith(prefix)]
