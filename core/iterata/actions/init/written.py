"""The files that `init` wrote: which of them this version writes in another way.

The table of digests names each text that a template ever had. It tells a file that nobody has edited, which
`upgrade` may write again, from one that a person must compare.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.init import HOSTS, TEMPLATES, existing_path, filled, locate, template_of, values_of
from iterata.actions.init.merge import NotMergeable, merged
from iterata.actions.init.table import BY_HOST, BY_PROGRAM, COMMON

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.actions.init import Where
    from iterata.actions.init.table import File

DIGESTS = "digests.txt"
"""Each line has the SHA-256 of a text, and the template that had it."""

SETTINGS = frozenset(file.template for files in BY_PROGRAM.values() for file in files)
"""What each team fills in; other steps of an upgrade look at them."""

_WORKFLOWS = (".yml", "gitignore")
"""The endings of templates whose edited files are named. Owners and pages are the team's own."""


class Outdated(NamedTuple):
    """A file that differs from what this version writes."""

    path: Path
    root: Path
    """The folder that it is relative to: the knowledge base's, or the top of the repository."""
    template: Path
    text: str | None
    """What this version writes; None if somebody edited the file."""


def outdated(base: Path) -> Iterator[Outdated]:
    """The files of `init`, for a knowledge base in the folder `base`, that this version writes otherwise."""
    where, earlier = locate(base), digests()
    for file in (*COMMON, *(file for host in HOSTS for file in BY_HOST[host])):
        path = existing_path(file, where)
        if path is not None and path.is_file() and not path.is_symlink():
            yield from _difference(file, where, path, earlier)


def digests() -> dict[str, str]:
    """The template of each text that `init` ever wrote, by the text's digest."""
    lines = (TEMPLATES / DIGESTS).read_text("utf-8").splitlines()
    return {line.split()[0]: line.split()[1] for line in lines}


def digest(text: str) -> str:
    """The digest of a template's text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _difference(file: File, where: Where, path: Path, earlier: dict[str, str]) -> Iterator[Outdated]:
    content = path.read_bytes().decode("utf-8", "replace")
    text = content.replace("\r\n", "\n")
    name = text.partition("\n")[0].removeprefix("# ")  # the heading of the first page
    values = values_of(file, where, name)
    original = _emptied(text, (TEMPLATES / template_of(file, where)).read_text("utf-8"), values)
    known = earlier.get(digest(original))
    template = TEMPLATES / (known or template_of(file, where))
    new = filled(template.read_text("utf-8"), values)
    if text == new:
        return
    written = new.replace("\n", "\r\n") if "\r\n" in content else new
    if known is not None or _must_be_compared(file, text, new):
        yield Outdated(path, where.root(file), Path(str(template)), None if known is None else written)


def _emptied(text: str, template: str, values: dict[str, str]) -> str:
    """A text with the placeholders of its template in place of their values."""
    for placeholder, value in values.items():
        if value and placeholder in template:
            text = text.replace(value, placeholder)
    return text


def _must_be_compared(file: File, text: str, new: str) -> bool:
    """Whether a person must compare an edited file: a workflow of iterata, or one that lacks a line."""
    if not file.template.endswith(_WORKFLOWS) or "iterata" not in text:
        return False
    try:
        return file.merge == "keep" or merged(file.merge, text, new) != text
    except NotMergeable:
        return True
