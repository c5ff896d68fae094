"""What a pull request changes about the rules: settings, owners, workflows, attributes, versions."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from iterata.errors import ConfigError, IterataError
from iterata.problems import Position, Problem, Severity
from iterata.repository import config as configuration
from iterata.repository import git
from iterata.repository.files import STATE
from iterata.repository.git_tree import GitTree
from iterata.repository.tree import DiskTree
from iterata.review.codeowners import CODEOWNERS_PATHS
from iterata.review.policy import LINK, settings_text
from iterata.review.setting_changes import setting_changes
from iterata.rules.check import refused_severities

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iterata.review.changes import Comparison

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("who must review", re.compile("|".join(map(re.escape, CODEOWNERS_PATHS)))),
    ("what CI runs", re.compile(r"\.(github|forgejo|gitea)/(workflows|actions)/.+|(.+/)?action\.ya?ml")),
    ("what CI runs", re.compile(r"(.+/)?\.gitlab-ci\.ya?ml|\.gitlab/.+\.ya?ml")),
    ("what updates the pinned versions", re.compile(r"\.github/dependabot\.ya?ml")),
    ("which versions CI installs", re.compile(r"(.+/)?requirements\.txt")),
    ("how Git reads and writes files", re.compile(r"(.+/)?\.gitattributes")),
    ("which other repositories are included", re.compile(r"\.gitmodules")),
    ("what runs before a commit", re.compile(r"\.pre-commit-config\.ya?ml")),
)
"""What a file decides, by its path in the Git repository."""

_EXECUTED = ("hooks", "plugins", "markdown_extensions", "theme", "INHERIT")
"""Options of `mkdocs.yml` that name code."""

_STATE = re.compile(r"(.+/)?\.iterata(/.*)?")

MAX_LINES = 10
"""How many changed lines of one file are listed."""


class RuleChange(NamedTuple):
    """One change of what is checked, by what, or who must agree. The texts come from the repository."""

    path: str
    """Relative to the top of the Git repository."""
    subject: str
    """What the file or the setting decides, in plain words."""
    before: str
    """Empty if there was nothing."""
    after: str
    """Empty if there is nothing."""


class _File(NamedTuple):
    """A file of a revision; without content if it does not exist."""

    path: str
    raw: bytes | None


@dataclass(frozen=True)
class _Files:
    """The two revisions of the whole Git repository that are compared."""

    top: Path
    base: str
    head: str | None

    def differences(self) -> list[git.Difference]:
        return git.diff(self.top, self.base, self.head, ".")

    def before(self, path: str) -> bytes | None:
        return git.show(self.top, self.base, path)

    def after(self, path: str) -> bytes | None:
        if self.head is not None:
            return git.show(self.top, self.head, path)
        try:
            return DiskTree(self.top).read(path)
        except IterataError:
            return None

    def settings_before(self, path: str) -> bytes | None:
        return settings_text(self.top, self.base, path)

    def settings_after(self, path: str) -> bytes | None:
        return self.after(path) if self.head is None else settings_text(self.top, self.head, path)

    def has_linked(self, paths: list[str]) -> bool:
        """Whether one of the files is a link, whose target can change without it."""
        commits = [commit for commit in (self.base, self.head) if commit]
        return any(git.mode(self.top, commit, path) == LINK for commit in commits for path in paths)


def rule_changes(comparison: Comparison, root: Path) -> tuple[list[RuleChange], list[Problem]]:
    """Every change of the rules since the merge base, by path, and what is wrong with them."""
    if not isinstance(comparison.base.tree, GitTree):
        return [], []
    prefix = git.prefix(root)
    top = root.parents[prefix.count("/") - 1] if prefix else root
    files = _Files(top, comparison.base.tree.revision, comparison.head_commit)
    changed = sorted({path for difference in files.differences() for path in difference if path})
    settings = [f"{prefix}{name}" for name in configuration.NAMES]
    changes: list[RuleChange] = []
    problems: list[Problem] = []
    if set(changed) & set(settings) or files.has_linked(settings):
        changes += _settings(files, settings)
        problems += _severity_problems(_first(files.settings_after, settings), prefix)
    for subject, pattern in _KINDS:
        for path in changed:
            if pattern.fullmatch(path):
                changes += _lines(files, path, subject)
    state = (path for path in changed if _STATE.fullmatch(path) and files.after(path) is not None)
    problems += [_state_problem(path.removeprefix(prefix)) for path in state]
    return changes, problems


def _severity_problems(file: _File, prefix: str) -> Iterator[Problem]:
    """REVIEW011: the proposed settings name a rule that does not exist, or lower one that always counts."""
    settings = _read(file)
    for code, reason, remedy in refused_severities(settings.severity if settings else {}):
        path, field = file.path.removeprefix(prefix), ("plugins", "iterata", "severity", code)
        place = Position(configuration.line_of(file.raw or b"", field) or 1)
        yield Problem("REVIEW011", Severity.ERROR, path, place, ".".join(field), reason, remedy)


def _state_problem(path: str) -> Problem:
    """REVIEW012: results that a machine has stored would be taken for those of another."""
    message = "is committed; it is the state of one machine, which a command on another would trust"
    remedy = f"`git rm -r --cached {STATE}`, and list `{STATE}/` in .gitignore"
    return Problem("REVIEW012", Severity.ERROR, path, Position(1), "", message, remedy)


def _settings(files: _Files, paths: list[str]) -> Iterator[RuleChange]:
    """The changes of the settings in words, and of what the site's host executes."""
    before, after = (_first(read, paths) for read in (files.settings_before, files.settings_after))
    path = after.path or before.path
    old, new = _read(before), _read(after)
    if new is None:
        state = "removed" if after.raw is None else "not valid"
        yield RuleChange(path, "the settings of iterata", "valid" if old else "", state)
    else:
        for subject, *values in setting_changes(old or configuration.Settings(), new):
            yield RuleChange(path, subject, *values)
    old_options, new_options = (configuration.host_options(file.raw or b"") for file in (before, after))
    for key in _EXECUTED:
        values = [json.dumps(options.get(key), default=str) for options in (old_options, new_options)]
        if values[0] != values[1]:
            yield RuleChange(path, f"what the site's build executes ({key})", *values)


def _first(read: Callable[[str], bytes | None], paths: list[str]) -> _File:
    """The first of these files that exists."""
    found = (_File(path, raw) for path in paths if (raw := read(path)) is not None)
    return next(found, _File("", None))


def _read(file: _File) -> configuration.Settings | None:
    try:
        return configuration.read(file.raw, file.path) if file.raw is not None else None
    except ConfigError:
        return None


def _lines(files: _Files, path: str, subject: str) -> Iterator[RuleChange]:
    """The lines that change in a file, without comments."""
    old, new = files.before(path), files.after(path)
    before, after = _meaningful(old), _meaningful(new)
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    removed = [line for kind, a, b, _, _ in steps if kind != "equal" for line in before[a:b]]
    added = [line for kind, _, _, c, d in steps if kind != "equal" for line in after[c:d]]
    state = " (new)" if old is None else " (deleted)" if new is None else ""
    yield RuleChange(path, f"{subject}{state}", _joined(removed), _joined(added))


def _meaningful(raw: bytes | None) -> list[str]:
    lines = (line.strip() for line in (raw or b"").decode("utf-8", "replace").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def _joined(lines: list[str]) -> str:
    more = f"\nand {len(lines) - MAX_LINES} more lines" if len(lines) > MAX_LINES else ""
    return "\n".join(lines[:MAX_LINES]) + more
