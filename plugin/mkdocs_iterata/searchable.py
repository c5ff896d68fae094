"""Stand-ins by which the host's search reads our HTML quickly.

Search plugins parse every page with Python's own HTML parser, whose time goes by the tag, and a card has
hundreds. So they are given the words and the headings alone; the real HTML takes its place afterwards.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNSEEN = re.compile(r"<(style|svg|form)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<(?!/?h[1-3]\b)[^>]*>")
_STAND_IN = re.compile(r"<!--iterata (\w+)-->.*?<!--/iterata-->", re.DOTALL)


def stand_in(name: str, html: str) -> str:
    """The words of some HTML, with its headings, between marks that `restore` finds again.

    >>> stand_in("card", '<p class="x">Who <em>reads</em></p>')
    '<!--iterata card--> Who  reads  <!--/iterata-->'
    """
    return f"<!--iterata {name}-->{_TAG.sub(' ', _UNSEEN.sub('', html))}<!--/iterata-->"


def restore(content: str, parts: Mapping[str, str]) -> str:
    """The content with what the stand-ins stand for. Prose cannot hold any: its comments were taken away."""
    return _STAND_IN.sub(lambda found: parts[found[1]], content)
