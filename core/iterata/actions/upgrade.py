"""`iterata upgrade`: bring a knowledge base to what this version of iterata writes, as a diff to review.

Only layout changes: keys that were renamed, tables that are rendered in another way, workflows that nobody
has edited, and the version that the settings require. What people agreed to, and the figures of results,
stay as they are.
"""

from __future__ import annotations

import os
import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iterata import __version__
from iterata.actions.init.written import outdated
from iterata.documents import blocks
from iterata.documents.renamed_keys import RENAMED_KEYS
from iterata.errors import ConfigError, IterataError, NewerVersion
from iterata.execution.installed import is_newer
from iterata.render.page_blocks import blocks_of
from iterata.repository import config as configuration
from iterata.repository import git, git_index
from iterata.repository.files import locked, write_within
from iterata.repository.projects import Repository
from iterata.repository.required_version import with_requirement
from iterata.repository.tree import DiskTree
from iterata.stages import SETTLED, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iterata.documents import Document
    from iterata.repository.config import Config
    from iterata.repository.projects import IterationFolder


class Change(NamedTuple):
    """What a migration does to one file, or why it leaves it."""

    path: str
    what: str
    text: str | None
    """The new text of the file; None if the file is left as it is."""


class Step(NamedTuple):
    """One migration of one file."""

    migration: str
    path: str
    what: str


class Upgrade(NamedTuple):
    """The outcome of `upgrade`."""

    changes: list[Step]
    kept: list[Step]
    """What needs a person, and why."""
    paths: list[str]
    """The files that changed, or would change."""


class Migration(NamedTuple):
    """One kind of change, from what earlier versions wrote to what this one writes."""

    name: str
    since: str
    """The first version that writes the new form; `any` for each."""
    what: str
    changes: Callable[[Config, Repository], Iterator[Change]]


class _EditedTree(DiskTree):
    """The working tree with the texts that the migrations so far have written."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.texts: dict[str, str] = {}

    def read(self, path: str) -> bytes:
        """The edited text of a file, else its content on disk."""
        return self.texts[path].encode() if path in self.texts else super().read(path)


def _renamed_keys(_: Config, repository: Repository) -> Iterator[Change]:
    """The keys of front matter that have another name now."""
    for document in repository.documents:
        found = [
            problem
            for problem in document.problems
            if problem.code == "DOC006" and _last(problem.field) in RENAMED_KEYS
        ]
        if not found:
            continue
        keys = dict.fromkeys(_last(problem.field) for problem in found)
        names = ", ".join(f"{key} → {RENAMED_KEYS[key]}" for key in keys)
        if document.status in SETTLED:
            what = f"{names}: it is {document.status}; reopen it to rename keys that others agreed to"
            yield Change(document.path, what, None)
            continue
        lines = document.source.text.split("\n")
        for problem in sorted(found, key=lambda problem: problem.position, reverse=True):
            line, column = problem.position
            key = _last(problem.field)
            old = lines[line - 1]
            if old.startswith(key, column - 1):
                lines[line - 1] = old[: column - 1] + RENAMED_KEYS[key] + old[column - 1 + len(key) :]
        yield Change(document.path, names, "\n".join(lines))


def _last(field: str) -> str:
    return field.rpartition(".")[2]


def _tables(_: Config, repository: Repository) -> Iterator[Change]:
    """The tables that this version renders in another way."""
    for folder in repository.iterations:
        for document in folder.documents.values():
            yield from _tables_of(document, folder)


_MAY_LACK_TABLES = (None, Status.DRAFT, Status.PLANNED, Status.RUNNING)
"""Statuses in which a page may have no table yet."""


def _tables_of(document: Document, folder: IterationFolder) -> Iterator[Change]:
    present, faults = blocks.find(document.body)
    body = document.body
    names: list[str] = []
    for block in () if faults else blocks_of(document.stage):
        if isinstance(error := folder.unreadable_result(block.result), NewerVersion):
            yield Change(document.path, f"the table `{block.name}`: {error.message}", None)
        shown = present[block.name].content if block.name in present else ""
        result = folder.readable_result(block.result)
        may_lack = not shown.strip() and document.status in _MAY_LACK_TABLES
        if may_lack or result is None or is_newer(result.provenance.author):
            continue
        rendered = block.render(result, folder)
        if not blocks.same(shown, rendered):
            body, names = blocks.replace(body, block.name, rendered), [*names, f"`{block.name}`"]
    if names:
        front_matter = document.source.text[: len(document.source.text) - len(document.body)]
        what = (
            f"the {'tables' if len(names) > 1 else 'table'} {' and '.join(names)}, from the result as it is"
        )
        yield Change(document.path, what, front_matter + body)


def _initial_files(config: Config, _: Repository) -> Iterator[Change]:
    """The workflows and other files that `init` wrote, as this version writes them."""
    for file in outdated(config.root):
        path = os.path.relpath(file.path, config.root.resolve())
        if file.text is not None:
            yield Change(path, "as `init` of this version writes it; nobody has edited it", file.text)
            continue
        shown = f"git diff --no-index {shlex.quote(path)} {shlex.quote(str(file.template))}"
        yield Change(path, f"edited, and not what `init` of this version writes: compare it, `{shown}`", None)


def _requirement(config: Config, repository: Repository) -> Iterator[Change]:
    """The version that the settings require: raised if there are other changes, or if there is none."""
    requirement = f"iterata>={__version__}"
    path = configuration.find(config.root).name
    old = repository.tree.read(path).decode("utf-8")
    changed = isinstance(repository.tree, _EditedTree) and bool(repository.tree.texts)
    if config.settings.requires == requirement or (config.settings.requires and not changed):
        return
    text = with_requirement(old, config.settings.requires, requirement)
    expected = config.settings.model_copy(update={"requires": requirement})
    if text is not None and _settings_in(text, path) == expected:
        yield Change(path, f"`requires: {requirement}`, so that older versions refuse to work here", text)
    else:
        yield Change(path, f"write `requires: {requirement}` below `iterata:`, by hand", None)


def _settings_in(text: str, path: str) -> configuration.Settings | None:
    """The settings in an edited `mkdocs.yml`; None if the edit broke it."""
    try:
        return configuration.read(text.encode(), path)
    except ConfigError:
        return None


MIGRATIONS: tuple[Migration, ...] = (
    Migration("keys", "0.1", "rename keys of documents that are not agreed to yet", _renamed_keys),
    Migration("tables", "any", "render generated tables as this version does", _tables),
    Migration("init", "any", "write what `init` wrote as this version does, unless edited", _initial_files),
    Migration("requires", "0.1", "require this version, so that an older one does not undo it", _requirement),
)
"""All migrations, in their order; each does nothing to what it has changed before."""


def upgrade(config: Config, *, check: bool = False) -> Upgrade:
    """Migrate a knowledge base; with `check`, only tell what would change.

    Raises:
        BusyError: another command works on an iteration.
        IterataError: a file that would change has changes that are not committed.
    """
    tree, changes, kept = _EditedTree(config.root), [], []
    for migration in MIGRATIONS:
        for change in migration.changes(config, Repository.of(tree, config)):
            step = Step(migration.name, change.path, change.what)
            if change.text is None:
                kept.append(step)
            else:
                tree.texts[change.path] = change.text
                changes.append(step)
    if tree.texts and not check:
        _write(config, tree.texts)
    return Upgrade(changes, kept, sorted(tree.texts))


def _write(config: Config, texts: dict[str, str]) -> None:
    with ExitStack() as locks:
        for folder in Repository.on_disk(config).iterations:
            if any(path.startswith(f"{folder.path}/") for path in texts):
                locks.enter_context(locked(config.root, folder.ref))
        if git.head(config.root) is not None and git.is_dirty(config.root, list(texts)):
            path = next(path for path in texts if git.is_dirty(config.root, [path]))
            message = "has changes that are not committed; nothing was written"
            raise IterataError(message, remedy="commit them, then run the command again", where=path)
        for path, text in texts.items():
            root = config.root.resolve()
            place = Path(os.path.normpath(root / path))
            top = root if place.is_relative_to(root) else git_index.toplevel(root)
            if top is not None:
                write_within(top, place.relative_to(top).as_posix(), text)
