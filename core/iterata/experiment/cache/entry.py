"""An entry of a cache: a zip file of named parts, and a header with which a reader checks them.

A reader uses an entry only if its key and its checksum are right. So an entry that is damaged, was copied to
another name, or was written by something else gives no figure.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA_VERSION = 1
"""Of the header; raised by a change after which older versions of iterata would misread an entry."""

HEADER = "entry.json"
"""The part with the header."""


class EntryKind(StrEnum):
    """What an entry holds; the value is the name of its folder in the cache."""

    PREDICTIONS = "predictions"
    """The scores of one variant for one fold."""
    COMPARISON = "comparisons"
    """The result that was computed from the predictions of a plan."""

    @property
    def suffix(self) -> str:
        """Of its files. NumPy reads the first as an archive of arrays, as versions before the header do."""
        return ".npz" if self is EntryKind.PREDICTIONS else ".zip"


class EntryHeader(BaseModel):
    """The header of an entry; keys that a later version adds are ignored."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: int = Field(SCHEMA_VERSION, ge=1, description="The version of this header.")
    kind: EntryKind = Field(description="What the entry holds.")
    key: str = Field(description="The digest of everything that the content depends on.")
    sha256: str = Field(description="The checksum of the other parts.")
    iteration: str = Field("", description="The iteration whose run wrote it: project/iteration.")
    iterata: str = Field("", description="The version of iterata that wrote it.")


class UnusableEntry(Exception):
    """An entry is not used; `str()` says why."""


class DamagedEntry(UnusableEntry):
    """It is not what was written, or not for this key."""


class NewerEntry(UnusableEntry):
    """A newer version of iterata wrote it."""


class EntryName(NamedTuple):
    """The place of an entry in a cache."""

    kind: EntryKind
    key: str

    @property
    def path(self) -> str:
        """Relative to the cache's folder."""
        name = self.key.removeprefix("sha256:")
        return f"{self.kind}/{name[:2]}/{name}{self.kind.suffix}"


def pack(name: EntryName, parts: Mapping[str, bytes], *, iteration: str, version: str) -> bytes:
    """The content of an entry. The same parts always give the same bytes."""
    header = EntryHeader(
        kind=name.kind, key=name.key, sha256=_checksum(parts), iteration=iteration, iterata=version
    )
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
        for part, data in {**parts, HEADER: header.model_dump_json().encode()}.items():
            archive.writestr(zipfile.ZipInfo(part), data)
    return content.getvalue()


def unpack(content: bytes, name: EntryName) -> dict[str, bytes]:
    """The parts of an entry.

    Predictions without a header are those of an earlier version: their reader checks them.

    Raises:
        DamagedEntry: it is not an entry for this name, or not what was written.
        NewerEntry: its header has a newer version.
    """
    parts = _parts(content)
    text = parts.pop(HEADER, None)
    if text is None and name.kind is EntryKind.PREDICTIONS:
        return parts
    header = _header(text or b"")
    if (header.kind, header.key) != name:
        raise DamagedEntry("it belongs to other inputs")
    if header.sha256 != _checksum(parts):
        raise DamagedEntry("its checksum is wrong")
    return parts


def written_by(path: Path) -> str:
    """The iteration that wrote the entry in a file; empty if the file does not tell."""
    try:
        with zipfile.ZipFile(path) as archive:
            return one_line(EntryHeader.model_validate_json(archive.read(HEADER)).iteration, 200)
    except Exception:  # as in `_parts`
        return ""


def _parts(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > len(content):
                raise DamagedEntry("its parts are larger than the whole")
            return {member.filename: archive.read(member) for member in members}
    except DamagedEntry:
        raise
    except Exception:  # zipfile and zlib raise exceptions of many kinds for damaged content
        raise DamagedEntry("it is incomplete, or is no archive") from None


def _header(text: bytes) -> EntryHeader:
    try:
        data = json.loads(text)
        version = data["schema_version"]
        if type(version) is not int:
            raise DamagedEntry("its header is not valid")
        if version > SCHEMA_VERSION:
            raise NewerEntry(f"its schema_version is {version}, and this iterata reads {SCHEMA_VERSION}")
        return EntryHeader.model_validate(data)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise DamagedEntry("its header is not valid") from None


def _checksum(parts: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(parts.items()):
        digest.update(f"{len(name.encode())} {name} {len(data)} ".encode())
        digest.update(data)
    return digest.hexdigest()
