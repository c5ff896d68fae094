"""`iterata init`: write the files of a new knowledge base, and add what is missing to files that exist.

No line of an existing file is changed. A knowledge base in a folder of a larger repository has its own
`mkdocs.yml` and `projects/`; what the code host reads is at the top of the repository.
"""

from __future__ import annotations

import json
import os
import re
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Literal, NamedTuple

from iterata import __version__
from iterata.actions.init.merge import NotMergeable, merged
from iterata.actions.init.table import (
    HOSTS,
    PROGRAMS,
    File,
    Host,
    Program,
    files_for,
    host_of,
    host_read_at,
)
from iterata.actions.installation import pinned_requirement
from iterata.errors import IterataError
from iterata.repository import git, git_index, zensical
from iterata.repository.files import write_within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "FILL_IN",
    "HOSTS",
    "PROGRAMS",
    "PROJECTS",
    "REQUIREMENTS",
    "TEMPLATES",
    "Host",
    "InitialFile",
    "Program",
    "Where",
    "existing_path",
    "filled",
    "init",
    "likely_host",
    "likely_program",
    "locate",
    "missing_requirement",
    "superproject",
    "template_of",
    "values_of",
]

PROJECTS = "projects"
REQUIREMENTS = "requirements.txt"
TEMPLATES = files("iterata.actions") / "knowledge_base"

FILL_IN = (
    "iterata==FILL_IN  # a version, or replace the line: iterata @ git+https://HOST/OWNER/iterata@COMMIT"
)
"""The requirement if nothing tells where this installation comes from; pip refuses it by name and line."""

_LISTED = re.compile(r"\s*iterata\s*(\[|@|[=<>~!]=|$|[#;])")
_DISCOVERS = "/knowledge-bases"
"""The list in workflows that look for the knowledge bases of the whole repository."""


class InitialFile(NamedTuple):
    """A file of a new knowledge base."""

    path: Path
    state: Literal["wrote", "added to", "kept"]
    note: str = ""
    """What to do by hand; empty if nothing."""


class Where(NamedTuple):
    """A knowledge base in its Git repository."""

    base: Path
    top: Path
    """The top of the repository; outside Git, the knowledge base's folder."""

    @property
    def folder(self) -> str:
        """The path of the knowledge base in the repository; `.` at the top."""
        return self.base.relative_to(self.top).as_posix()

    @property
    def is_below(self) -> bool:
        """Whether the knowledge base is in a folder below the top."""
        return self.base != self.top

    def path(self, file: File) -> str:
        """The path of a file, relative to its place."""
        return (self.is_below and file.monorepo_path) or file.path

    def root(self, file: File) -> Path:
        """The folder that the path of a file is relative to."""
        return self.top if file.place == "top" else self.base


def init(
    folder: Path, name: str, host: Host | None = None, program: Program | None = None
) -> list[InitialFile]:
    """Write the files of a new knowledge base into `folder`, and what its code host reads at the top.

    Args:
        folder: the knowledge base's folder.
        name: its name.
        host: the code host; by default the likely one.
        program: what builds the site; by default the likely one.

    Raises:
        IterataError: the folder cannot be written to, or is a file.
    """
    where = locate(folder)
    table = files_for(host or likely_host(where.top), program or likely_program(where.base))
    _check_folders(where, table)
    texts = [_text(file, where, name) for file in table]
    initial = [_write(file, where, text) for file, text in zip(table, texts, strict=True)]
    (where.base / PROJECTS).mkdir(exist_ok=True)
    return initial


def likely_host(top: Path) -> Host:
    """The code host that the remote `origin` names, else the one whose files are there, else GitHub."""
    return host_of(git.setting(top, "remote.origin.url")) or host_read_at(top) or "github"


def likely_program(base: Path) -> Program:
    """What builds the site of a folder: Zensical if its settings are there, else MkDocs."""
    return "zensical" if (base / zensical.SETTINGS).is_file() else "mkdocs"


def missing_requirement(folder: Path) -> int | None:
    """The line of `requirements.txt` that does not say which iterata to install; None if there is none.

    If the file does not list iterata at all, it is the line after its last.
    """
    lines = (folder / REQUIREMENTS).read_text("utf-8", "replace").splitlines()
    listed = [number for number, line in enumerate(lines, 1) if _LISTED.match(line)]
    incomplete = [number for number in listed if "FILL_IN" in lines[number - 1].partition("#")[0]]
    return next(iter(incomplete), None if listed else len(lines) + 1)


def superproject(folder: Path) -> str:
    """The repository that has the one of `folder` as a submodule; empty if there is none."""
    output = git.run(folder, "rev-parse", "--show-superproject-working-tree") or b""
    return output.decode("utf-8", "surrogateescape").strip()


def locate(folder: Path) -> Where:
    """Where a folder, which may not exist yet, is in its repository.

    Raises:
        IterataError: it is a file, or in a submodule that is not initialised.
    """
    base = folder.resolve()
    existing = next(place for place in (base, *base.parents) if place.exists())
    if not existing.is_dir():
        raise _in_the_way(existing, "name a folder")
    top = git_index.toplevel(existing) or base
    if error := git_index.absent_submodule(top, base.relative_to(top).as_posix()):
        raise error
    return Where(base, top)


def _write(file: File, where: Where, text: str) -> InitialFile:
    root, path = where.root(file), _free_path(file, where)
    existing = existing_path(file, where)
    if existing is None:
        write_within(root, path, text)
        return InitialFile(root / path, "wrote", _replaced(file, where))
    if existing.is_symlink() or not existing.is_file():
        return InitialFile(existing, "kept")
    try:
        old = existing.read_bytes().decode("utf-8")
        new = merged(file.merge, old, text)
    except (NotMergeable, UnicodeDecodeError):
        return InitialFile(existing, "kept", f"add what this lists, by hand:\n{text.rstrip()}")
    if new == old:
        return InitialFile(existing, "kept", _incomplete(where, old, text))
    write_within(root, existing.relative_to(root).as_posix(), new)
    return InitialFile(existing, "added to")


def _free_path(file: File, where: Where) -> str:
    """The path of a file; its other one if a workflow of somebody else has the name."""
    path = where.path(file)
    is_taken = (
        file.monorepo_path and _is_file(where.root(file) / path) and not _is_ours(where.root(file) / path)
    )
    return file.monorepo_path if is_taken else path


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _is_ours(path: Path) -> bool:
    return _is_file(path) and b"iterata" in path.read_bytes()


def _replaced(file: File, where: Where) -> str:
    """What to do about the workflow of a knowledge base at the top, which this one includes."""
    if where.is_below and file.monorepo_path and _is_ours(where.top / file.path):
        return f"it looks at all knowledge bases; remove {file.path}, which looks at the one at the top"
    return ""


def _incomplete(where: Where, old: str, text: str) -> str:
    """What to do about a workflow that looks at one knowledge base only."""
    if _DISCOVERS in text and _DISCOVERS not in old:
        return f"it does not look at {where.folder}; remove it, then run the command again"
    return ""


def existing_path(file: File, where: Where) -> Path | None:
    """The file under any of its names, or a broken symbolic link; None if there is none."""
    names = filter(None, (_free_path(file, where), file.monorepo_path, *file.others))
    places = (where.root(file) / name for name in names)
    return next((place for place in places if place.exists() or place.is_symlink()), None)


def _text(file: File, where: Where, name: str) -> str:
    return filled((TEMPLATES / template_of(file, where)).read_text("utf-8"), values_of(file, where, name))


def template_of(file: File, where: Where) -> str:
    """The template of a file, below the folder of templates: its own one below the top, if there is one."""
    folder, _, template = file.template.rpartition("/")
    candidate = f"{folder}/monorepo/{template}".lstrip("/")
    return candidate if where.is_below and (TEMPLATES / candidate).is_file() else file.template


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with the values of its placeholders."""
    for placeholder, value in values.items():
        template = template.replace(placeholder, value)
    return template


def values_of(file: File, where: Where, name: str) -> dict[str, str]:
    """The values of the placeholders, in the syntax of the file."""
    path = PurePosixPath(file.path)
    if path.name == REQUIREMENTS:
        return {"{iterata}": pinned_requirement() or FILL_IN}
    quote = _QUOTES.get(path.name, str)
    return {
        "{folder}": quote(where.folder),
        "{name}": _json(name) if path.suffix in {".yml", ".toml"} else name,
        "{version}": __version__,
    }


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _owners_pattern(folder: str) -> str:
    return re.sub(r"([\s#])", r"\\\1", folder)


def _quoted_regex(folder: str) -> str:
    return re.escape(folder).replace("'", "''")


def _in_double_quotes(folder: str) -> str:
    return _json(folder)[1:-1]


_QUOTES: Mapping[str, Callable[[str], str]] = {
    "CODEOWNERS": _owners_pattern,
    ".pre-commit-config.yaml": _quoted_regex,
    "dependabot.yml": _in_double_quotes,
}
"""How each file writes the path of a folder; the template has the quotes."""


def _check_folders(where: Where, table: tuple[File, ...]) -> None:
    """Refuse a file in place of a folder before anything is written."""
    folders = ((where.root(file) / where.path(file)).parent for file in table)
    for path in (where.base / PROJECTS, *folders):
        if path.exists() and not path.is_dir():
            raise _in_the_way(path, "move the file; its path is needed for a folder")


def _in_the_way(path: Path, remedy: str) -> IterataError:
    return IterataError("is a file; nothing was written", remedy=remedy, where=os.path.relpath(path))
