"""A folder `exploration` beside documents: its files, what they show, and why one is not shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from iterata.documents import front_matter
from iterata.errors import ContentMissingError, IterataError
from iterata.repository.exploration import FOLDER
from iterata.repository.exploration.kinds import (
    MOST_FILES,
    Fault,
    FileKind,
    content_fault,
    kind_of,
    size_fault,
)
from iterata.repository.git_tree import MissingBlobError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pydantic import BaseModel

    from iterata.documents.front_matter import Source
    from iterata.documents.models.exploration import ShownFile
    from iterata.repository.tree import DirEntry, Tree

INDEXES = ("index.md", "README.md")
"""The files that may describe the others, the first that is there."""

_SKIPPED_FOLDERS = frozenset({"data", "__pycache__", "node_modules"})
_FILES_OF_AN_EXPORT = "_files"
"""How the folders end in which exports of notebooks keep their images; the export shows these."""


class IndexFault(NamedTuple):
    """A part of the description that is ignored."""

    path: tuple[str | int, ...]
    """Where it is in the front matter."""
    message: str
    remedy: str


@dataclass(frozen=True)
class ExploredFile:
    """A file of an exploration."""

    tree: Tree
    path: str
    """Relative to the repository."""
    name: str
    """Relative to the folder."""
    shows: str = ""
    """What a reader sees in it; empty if nobody wrote it."""
    made_by: str = ""
    """The command or the notebook that made it; empty if nobody wrote it."""

    @property
    def kind(self) -> FileKind:
        """Its kind, by the end of its name."""
        return kind_of(self.name)

    @cached_property
    def fault(self) -> Fault | None:
        """Why the site does not show it; None if it does. It reads the file."""
        size = self.tree.size(self.path)
        if size is not None and (fault := size_fault(self.kind, size)):
            return fault
        try:
            raw = self.read()
        except MissingBlobError:
            return None
        except ContentMissingError as error:
            return Fault(error.message, error.remedy, is_absent=True)
        except IterataError as error:
            return Fault(error.message, error.remedy)
        return size_fault(self.kind, len(raw)) or content_fault(self.kind, self.path, raw)

    def read(self) -> bytes:
        """Its content.

        Raises:
            IterataError: it cannot be read, or leads outside the repository.
        """
        return self.tree.read(self.path)


class Exploration:
    """The exploration of an iteration or of a project. Files are read as far as they are asked for."""

    def __init__(self, tree: Tree, parent: str) -> None:
        self.tree, self.path = tree, f"{parent}/{FOLDER}"

    @cached_property
    def _entries(self) -> list[DirEntry]:
        return _entries(self.tree, self.path)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All files, relative to the folder, without the index; also of folders in it."""
        found: list[str] = []
        for name, is_dir in self._entries:
            if is_dir and not _is_skipped(name):
                inner = _entries(self.tree, f"{self.path}/{name}")
                found += (f"{name}/{entry.name}" for entry in inner if not entry.is_dir)
            elif not is_dir and name != self.index_name:
                found.append(name)
        return tuple(found)

    @cached_property
    def index_name(self) -> str | None:
        """The name of the file that describes the others; None if there is none."""
        names = {entry.name for entry in self._entries if not entry.is_dir}
        return next((name for name in INDEXES if name in names), None)

    @property
    def index_path(self) -> str | None:
        """The path of that file; None if there is none."""
        return f"{self.path}/{self.index_name}" if self.index_name else None

    @cached_property
    def index(self) -> Source | None:
        """The text of that file; None if there is none, or it cannot be read."""
        if self.index_path is None:
            return None
        try:
            return front_matter.read(self.index_path, self.tree.read(self.index_path))
        except (IterataError, MissingBlobError):
            return None

    @cached_property
    def _description(self) -> tuple[str, dict[str, ShownFile], list[IndexFault]]:
        """What made all files, the described files, and what is ignored of the description."""
        data = self.index.data if self.index else {}
        return _described(data, frozenset(self.names)) if data else ("", {}, [])

    @property
    def title(self) -> str:
        """The title that its description gives; empty if there is none."""
        title = self.index.data.get("title") if self.index else None
        return title.strip() if isinstance(title, str) else ""

    @property
    def made_by(self) -> str:
        """What made all files that name nothing else; empty if nobody wrote it."""
        return self._description[0]

    @property
    def index_faults(self) -> Iterator[IndexFault]:
        """What is ignored of the description."""
        yield from self._description[2]

    @cached_property
    def files(self) -> tuple[ExploredFile, ...]:
        """The files that the site shows or explains: the described ones in that order, then the others."""
        _, described, _ = self._description
        names = (*described, *(name for name in self.names if name not in described))
        return tuple(self._file(name, described.get(name)) for name in names[:MOST_FILES])

    @property
    def more(self) -> int:
        """How many files are beyond the limit."""
        return max(0, len(self.names) - MOST_FILES)

    def _file(self, name: str, entry: ShownFile | None) -> ExploredFile:
        shows = (entry.shows if entry else None) or ""
        made_by = (entry.made_by if entry else None) or self.made_by
        return ExploredFile(self.tree, f"{self.path}/{name}", name, shows, made_by)


def _entries(tree: Tree, folder: str) -> list[DirEntry]:
    """The files and folders in a folder; empty if it must not be read."""
    try:
        return tree.entries(folder)
    except IterataError:
        return []


def _is_skipped(folder: str) -> bool:
    return folder in _SKIPPED_FOLDERS or folder.endswith(_FILES_OF_AN_EXPORT)


def _described(
    data: dict[str, object], names: frozenset[str]
) -> tuple[str, dict[str, ShownFile], list[IndexFault]]:
    from iterata.documents.models.exploration import Exploration as Description  # noqa: PLC0415
    from iterata.documents.models.exploration import ShownFile as Entry  # noqa: PLC0415  # only with an index

    faults: list[IndexFault] = []
    default = data.get("made_by")
    made_by = default.strip() if isinstance(default, str) else ""
    if default is not None and not made_by:
        faults.append(IndexFault(("made_by",), "is no text", "write the command, or remove the line"))
    entries = data.get("exploration")
    if entries is not None and not isinstance(entries, list):
        remedy = "write `exploration:` and below it `- {file: age.png, shows: What a reader sees.}`"
        faults.append(IndexFault(("exploration",), "is no list of files", remedy))
    described: dict[str, Entry] = {}
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        place: tuple[str | int, ...] = ("exploration", index)
        if errors := list(_errors(Description, entry, index)):
            faults += errors
            continue
        shown = Entry.model_validate(entry)
        if shown.file not in names:
            remedy = _remedy(shown.file, names)
            faults.append(IndexFault((*place, "file"), f"there is no file {shown.file} here", remedy))
        elif shown.file in described:
            faults.append(IndexFault((*place, "file"), f"{shown.file} is listed twice", "remove one of them"))
        else:
            described[shown.file] = shown
    return made_by, described, faults


def _errors(model: type[BaseModel], entry: object, index: int) -> Iterator[IndexFault]:
    """What is wrong with an entry, explained as for every other front matter."""
    from pydantic import ValidationError  # noqa: PLC0415

    from iterata.documents.explain import explain  # noqa: PLC0415

    try:
        model.model_validate({"exploration": [entry]})
    except ValidationError as error:
        data = {"exploration": [entry]}
        for _, field, message, remedy, _ in explain(model, data, error.errors(include_url=False)):
            yield IndexFault((field[0], index, *field[2:]), message, remedy)


def _remedy(name: str, names: Iterable[str]) -> str:
    from iterata.text import closest  # noqa: PLC0415  # only if something is misspelt

    guess = closest(name, sorted(names))
    return f"did you mean {guess}?" if guess else "add the file, or remove the entry"
