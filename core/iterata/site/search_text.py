"""Placeholders that the host's search indexes instead of the generated HTML.

Search plugins parse every page with Python's HTML parser, which takes time for every tag, and a card has
hundreds. So the search gets only words and headings. The generated HTML replaces the placeholder later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOT_INDEXED = re.compile(
    r"<!--unindexed-->.*?<!--/unindexed-->|<(style|svg|form|p(?= hidden))\b.*?</\1>", re.DOTALL
)
"""What is not searched for: templates mark parts that say what another page says, or where a page is."""
_TAG = re.compile(r"<(?!/?h[1-3]\b)[^>]*>")
_PLACEHOLDER = re.compile(r"<!--iterata (\w+)-->.*?<!--/iterata-->", re.DOTALL)


def placeholder(name: str, html: str) -> str:
    """The words and headings of some HTML, between marks that `restore` finds.

    >>> placeholder("card", '<p class="x">Who <em>reads</em></p>')
    '<!--iterata card--> Who  reads  <!--/iterata-->'
    """
    return f"<!--iterata {name}-->{_TAG.sub(' ', _NOT_INDEXED.sub('', html))}<!--/iterata-->"


def restore(content: str, parts: Mapping[str, str]) -> str:
    """The content with the placeholders replaced. Prose contains none: its comments were removed."""
    return _PLACEHOLDER.sub(lambda match: parts[match[1]], content)
