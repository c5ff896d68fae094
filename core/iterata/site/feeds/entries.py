"""The newest findings and decisions, as entries of feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from iterata.site.library.addresses import finding_path
from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iterata.knowledge.records import DecisionRecord, FindingRecord

MOST_ENTRIES = 50
_LONGEST_TITLE = 300
_LONGEST_TEXT = 5_000
_UNKNOWN = "iterata.invalid"
"""The authority of ids if the address of the site is not known; it belongs to nobody (RFC 2606)."""
_YEAR = "2026"
"""Part of every id of RFC 4151; it must never change."""


class About(NamedTuple):
    """What feeds say about the site."""

    name: str
    description: str
    site_url: str
    """Where the site is; empty if that is not known."""
    address: Callable[[str], str | None]
    """The address of a page by its path, relative to the site; None if there is no such page."""

    @property
    def top(self) -> str:
        """The address of the site with a slash at its end; empty if it is not known."""
        is_web = urlsplit(self.site_url).scheme in {"http", "https"}
        return f"{self.site_url.rstrip('/')}/" if is_web else ""

    def absolute(self, address: str) -> str:
        """An address as a URL; relative to the site if the address of that is not known."""
        return urljoin(self.top, address) if self.top else address

    def id_of(self, key: str) -> str:
        """A permanent id, as a tag URI (RFC 4151)."""
        authority = urlsplit(self.top).hostname or _UNKNOWN
        return f"tag:{authority},{_YEAR}:{quote(key.replace('#', '/'), safe='/')}"


class Entry(NamedTuple):
    """A finding or a decision."""

    id: str
    title: str
    text: str
    """Plain text, with a line for each fact."""
    day: str
    """YYYY-MM-DD."""
    address: str
    """Of its page, absolute if that of the site is known; empty without a page."""
    tags: tuple[str, ...]


def entries(
    findings: Iterable[FindingRecord], decisions: Iterable[DecisionRecord], about: About
) -> tuple[list[Entry], int]:
    """The newest entries, newest first; and how many findings and decisions have no day, so no place."""
    found = [*(_finding(one, about) for one in findings), *(_decision(one, about) for one in decisions)]
    dated = sorted((one for one in found if one.day), key=lambda one: one.id)
    dated.sort(key=lambda one: one.day, reverse=True)
    return dated[:MOST_ENTRIES], len(found) - len(dated)


def _finding(record: FindingRecord, about: About) -> Entry:
    lines = (
        record.statement,
        record.evidence and f"Evidence: {record.evidence}",
        f"Status: {record.status}. Kind: {record.kind}.",
        _source(record),
    )
    title = f"{_mark(record)}{record.statement}"
    page = finding_path(record.project, record.iteration or "", record.key.rpartition("#")[2])
    address = about.address(page) or about.address(record.document)
    return _entry(record, about, _Said(title, lines, record.tags, f"finding/{record.key}", address))


def _decision(record: DecisionRecord, about: About) -> Entry:
    what = record.outcome or f"{record.kind} {record.subject or ''}"
    by = f"Decided by {', '.join(record.by)}." if record.by else ""
    lines = (record.why, by, _source(record))
    title = f"{_mark(record)}{record.project_title}: {what.replace('_', ' ')}"
    address = about.address(record.document)
    return _entry(record, about, _Said(title, lines, (), f"decision/{record.key}", address))


class _Said(NamedTuple):
    """What an entry says about a record."""

    title: str
    lines: Iterable[str]
    tags: Iterable[str]
    key: str
    address: str | None
    """Of its page, relative to the site."""


def _entry(record: FindingRecord | DecisionRecord, about: About, said: _Said) -> Entry:
    return Entry(
        about.id_of(said.key),
        one_line(said.title, _LONGEST_TITLE),
        "\n".join(one_line(line, _LONGEST_TEXT) for line in said.lines if line),
        record.day or "",
        "" if said.address is None else about.absolute(said.address),
        tuple(one_line(tag, _LONGEST_TITLE) for tag in said.tags),
    )


def _mark(record: FindingRecord | DecisionRecord) -> str:
    return "[provisional] " if record.provisional else ""


def _source(record: FindingRecord | DecisionRecord) -> str:
    parts = (record.project_title, record.iteration_title, record.document_title)
    return "From " + " > ".join(part for part in parts if part)
