"""A digest as Markdown for a code host, as a mail, and as an entry of a feed."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, urlsplit

from iterata.actions.digest.sections import sections, title_of
from iterata.render.comment import code, inert
from iterata.text import isolated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.actions.digest.sections import Item, Section
    from iterata.knowledge.digest import Digest

NOTHING = "Nothing was learned, decided or released on these days."

_FONT = "font-family:system-ui,-apple-system,Segoe UI,Roboto,Arial,sans-serif"
_STYLES = {
    "body": f"margin:0;padding:24px;{_FONT};font-size:16px;line-height:1.5;overflow-wrap:anywhere",
    "main": "max-width:640px;margin:0 auto",
    "h1": "font-size:22px;line-height:1.3;margin:0 0 16px",
    "h2": "font-size:18px;line-height:1.3;margin:28px 0 8px",
    "ul": "margin:0;padding:0;list-style:none",
    "li": "margin:0 0 14px;padding:0 0 0 12px;border-left:3px solid #767676",
    "note": "margin:2px 0 0;font-size:14px",
    "p": "margin:0",
}
"""Mail programs ignore style sheets, so that each element has its own style. No colour of text is set: light
and dark programs choose a legible one."""


class Named(NamedTuple):
    """What a digest says about where it comes from."""

    name: str
    """The name of the site."""
    site_url: str
    """The address of the site; empty if it is not known."""
    directory_urls: bool = True
    """Whether the address of a page ends with a slash."""

    def address(self, path: str) -> str:
        """The address of the page of a document; empty if that of the site is not known."""
        if urlsplit(self.site_url).scheme not in ("http", "https") or not path.endswith(".md"):
            return ""
        end = "/" if self.directory_urls else ".html"
        return f"{self.site_url.rstrip('/')}/{quote(path.removesuffix('.md'))}{end}"

    @property
    def authority(self) -> str:
        """Whose ids the entries of feeds have; `iterata.invalid` belongs to nobody (RFC 2606)."""
        return urlsplit(self.site_url).hostname or "iterata.invalid"


def as_markdown(digest: Digest, named: Named) -> str:
    """The digest as Markdown, without any markup of the documents."""
    lines = [f"# {inert(title_of(digest, named.name))}", ""]
    if digest.is_empty:
        lines += [NOTHING, ""]
    for section in sections(digest):
        lines += [f"## {inert(section.title)}", ""]
        lines += [_markdown_item(item, named) for item in section.items]
        lines += [f"- and {section.more} more"] if section.more else []
        lines.append("")
    return "\n".join(lines)


def _markdown_item(item: Item, named: Named) -> str:
    address = named.address(item.path)
    source = f" [document](<{address}>)" if address else f" {code(item.path)}" if item.path else ""
    return f"- **{inert(item.label)}** {inert(isolated(item.text))}<br>{inert(item.note)}{source}"


def as_html(digest: Digest, named: Named) -> str:
    """The digest as a mail: one file with inline styles, without images and without any request."""
    title = escape(title_of(digest, named.name))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f'<title>{title}</title>\n</head>\n<body style="{_STYLES["body"]}">\n'
        f'<div role="main" style="{_STYLES["main"]}">\n<h1 style="{_STYLES["h1"]}">{title}</h1>\n'
        f"{_html_body(digest, named)}</div>\n</body>\n</html>\n"
    )


def _html_body(digest: Digest, named: Named) -> str:
    lines = [f'<p style="{_STYLES["p"]}">{NOTHING}</p>'] if digest.is_empty else []
    for section in sections(digest):
        lines += _html_section(section, named)
    return "".join(f"{line}\n" for line in lines)


def _html_section(section: Section, named: Named) -> Iterator[str]:
    yield f'<h2 style="{_STYLES["h2"]}">{escape(section.title)}</h2>'
    yield f'<ul style="{_STYLES["ul"]}">'
    for item in section.items:
        yield f'<li style="{_STYLES["li"]}">{_html_item(item, named)}</li>'
    if section.more:
        yield f'<li style="{_STYLES["li"]}">and {section.more} more</li>'
    yield "</ul>"


def _html_item(item: Item, named: Named) -> str:
    address = named.address(item.path)
    text = f"<bdi>{escape(item.text)}</bdi>"
    linked = f'<a href="{escape(address)}">{text}</a>' if address else text
    note = f'<p style="{_STYLES["note"]}">{escape(item.note)}</p>'
    return f'<p style="{_STYLES["p"]}"><strong>{escape(item.label)}</strong> {linked}</p>{note}'


def as_json(digest: Digest, named: Named) -> str:
    """The digest as data, with an item of a JSON Feed."""
    found = sections(digest)
    data = {
        "schema_version": 1,
        "kind": "digest",
        "since": digest.period.since.isoformat(),
        "until": digest.period.until.isoformat(),
        "role": digest.role or None,
        "empty": digest.is_empty,
        "sections": [_json_section(section, named) for section in found],
        "item": _feed_item(digest, named),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _json_section(section: Section, named: Named) -> dict[str, object]:
    items = [
        {
            "label": item.label,
            "text": item.text,
            "note": item.note,
            "document": item.path or None,
            "url": named.address(item.path) or None,
        }
        for item in section.items
    ]
    return {"key": section.key, "title": section.title, "items": items, "more": section.more}


def _feed_item(digest: Digest, named: Named) -> dict[str, object]:
    since, until = digest.period
    role = f"/{quote(digest.role, safe='')}" if digest.role else ""
    item: dict[str, object] = {
        "id": f"tag:{named.authority},2026:digest/{since}/{until}{role}",
        "title": title_of(digest, named.name),
        "content_html": _html_body(digest, named),
        "content_text": _plain(digest, sections(digest)),
        "date_published": f"{until}T00:00:00Z",
    }
    if named.address("index.md"):
        item["url"] = named.site_url
    return item


def _plain(digest: Digest, found: Sequence[Section]) -> str:
    lines = [NOTHING] if digest.is_empty else []
    for section in found:
        lines += ["", section.title]
        lines += [f"- {item.label}: {isolated(item.text)} ({item.note})" for item in section.items]
        lines += [f"- and {section.more} more"] if section.more else []
    return "\n".join(lines).strip() + "\n"
