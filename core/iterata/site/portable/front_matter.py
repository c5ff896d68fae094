"""The front matter of a page, which every host reads as YAML."""

from __future__ import annotations

import json
from html import unescape
from typing import TYPE_CHECKING

from iterata.text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.site.knowledge_site import FinishedPage
    from iterata.site.portable.hosts import Host

_LONGEST = 500


def front_matter(finished: FinishedPage, host: Host, aliases: Sequence[str] = ()) -> str:
    """The lines between `---` for a page, and those; `aliases` are earlier addresses of the page."""
    lines = [f"title: {_quoted(host.written(_line(unescape(finished.title))))}"]
    if finished.description:
        lines.append(f"description: {_quoted(host.written(_line(finished.description)))}")
    if finished.tags:
        lines += ["tags:", *(f"  - {_quoted(host.written(_line(tag)))}" for tag in finished.tags)]
    if aliases:
        lines += ["aliases:", *(f"  - {_quoted(alias)}" for alias in aliases)]
    lines += host.front_matter
    if not finished.is_indexed:
        lines += host.excluded
    return "\n".join(("---", *lines, "---", ""))


def _line(text: str) -> str:
    return one_line(text, _LONGEST)


def _quoted(line: str) -> str:
    """A line as a string of YAML."""
    return json.dumps(line, ensure_ascii=False)
