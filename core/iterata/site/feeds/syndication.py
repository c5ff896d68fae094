"""Entries as RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1.

Days come from documents and from Git, never from the clock, so that the same history gives the same bytes.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from html import escape
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iterata.site.feeds.entries import About, Entry

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may have, not even escaped; the name of a site may have it."""

_EPOCH = "1970-01-01"
"""The day of a feed without entries: Atom requires one."""


def rss(entries: Sequence[Entry], about: About) -> str:
    """The entries as RSS 2.0. Without the address of the site they have no links, which must be absolute."""
    ET.register_namespace("atom", _ATOM)
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    _add(channel, "title", about.name)
    _add(channel, "link", about.top or about.id_of("site"))
    _add(channel, "description", about.description or about.name)
    if about.top:
        address = about.absolute("feed.xml")
        ET.SubElement(channel, f"{{{_ATOM}}}link", href=address, rel="self", type="application/rss+xml")
    if entries:
        _add(channel, "lastBuildDate", _rfc_822(entries[0].day))
    for entry in entries:
        item = ET.SubElement(channel, "item")
        _add(item, "title", entry.title)
        if about.top and entry.address:
            _add(item, "link", entry.address)
        _add(item, "description", escape(entry.text).replace("\n", "<br>"))
        for tag in entry.tags:
            _add(item, "category", tag)
        _add(item, "guid", entry.id).set("isPermaLink", "false")
        _add(item, "pubDate", _rfc_822(entry.day))
    # Some readers decode titles twice; this way of writing `&` and `<` is the one that most of them show
    # (RSS Advisory Board, RSS Best Practices Profile).
    return _document(root).replace("&amp;", "&#x26;").replace("&lt;", "&#x3C;")


def atom(entries: Sequence[Entry], about: About) -> str:
    """The entries as Atom."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, f"{{{_ATOM}}}id", about.id_of("feed"))
    _add(root, f"{{{_ATOM}}}title", about.name)
    if about.description:
        _add(root, f"{{{_ATOM}}}subtitle", about.description)
    _add(root, f"{{{_ATOM}}}updated", _rfc_3339(entries[0].day if entries else _EPOCH))
    author = ET.SubElement(root, f"{{{_ATOM}}}author")
    _add(author, f"{{{_ATOM}}}name", about.name)
    self_address = about.absolute("atom.xml")
    ET.SubElement(root, f"{{{_ATOM}}}link", rel="self", href=self_address, type="application/atom+xml")
    ET.SubElement(root, f"{{{_ATOM}}}link", rel="alternate", href=about.top or "./", type="text/html")
    for entry in entries:
        item = ET.SubElement(root, f"{{{_ATOM}}}entry")
        _add(item, f"{{{_ATOM}}}id", entry.id)
        _add(item, f"{{{_ATOM}}}title", entry.title)
        _add(item, f"{{{_ATOM}}}updated", _rfc_3339(entry.day))
        if entry.address:
            ET.SubElement(item, f"{{{_ATOM}}}link", rel="alternate", href=entry.address, type="text/html")
        for tag in entry.tags:
            ET.SubElement(item, f"{{{_ATOM}}}category", term=tag)
        _add(item, f"{{{_ATOM}}}content", entry.text).set("type", "text")
    return _document(root)


def json_feed(entries: Sequence[Entry], about: About) -> str:
    """The entries as JSON Feed 1.1."""
    feed: dict[str, object] = {"version": "https://jsonfeed.org/version/1.1", "title": about.name}
    if about.top:
        feed |= {"home_page_url": about.top, "feed_url": about.absolute("feed.json")}
    if about.description:
        feed["description"] = about.description
    feed["items"] = [_json_item(entry, about) for entry in entries]
    return json.dumps(feed, indent=2, ensure_ascii=False) + "\n"


def _json_item(entry: Entry, about: About) -> dict[str, object]:
    item: dict[str, object] = {"id": entry.id, "title": entry.title, "content_text": entry.text}
    if about.top and entry.address:
        item["url"] = entry.address
    item["date_published"] = _rfc_3339(entry.day)
    if entry.tags:
        item["tags"] = list(entry.tags)
    return item


FEEDS: dict[str, tuple[str, Callable[[Sequence[Entry], About], str]]] = {
    "feed.xml": ("application/rss+xml", rss),
    "atom.xml": ("application/atom+xml", atom),
    "feed.json": ("application/feed+json", json_feed),
}
"""The media type of each feed, and what writes it."""


def _add(parent: ET.Element, tag: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, tag)
    element.text = _NOT_XML.sub(" ", text)
    return element


def _document(root: ET.Element) -> str:
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _rfc_822(day: str) -> str:
    return format_datetime(datetime.combine(date.fromisoformat(day), time(tzinfo=UTC)), usegmt=True)


def _rfc_3339(day: str) -> str:
    return f"{day}T00:00:00Z"
