"""Intervals in generated blocks: a line never ends within one, on the narrowest phone.

The Markdown of a block has ordinary spaces, which are easy to search, and is compared with its result.
"""

from __future__ import annotations

import re

_BLOCK = re.compile(r"<!--\s*iterata:begin ([\w-]+)\s*-->.*?<!--\s*iterata:end \1\s*-->", re.DOTALL)
_NUMBER = r"[+\N{MINUS SIGN}]?\d[\d.,]*+(?: %)?"
_INTERVAL = re.compile(rf"(?<![\w-]){_NUMBER} to {_NUMBER}(?![\w-])")


def unbroken_intervals(html: str) -> str:
    """The HTML of a page with no-break spaces in the intervals of its generated blocks.

    >>> unbroken_intervals("1 to 2 <!-- iterata:begin lift -->3 to 4<!-- iterata:end lift -->")
    '1 to 2 <!-- iterata:begin lift -->3\\xa0to\\xa04<!-- iterata:end lift -->'
    """
    return _BLOCK.sub(lambda block: _INTERVAL.sub(_unbroken, block[0]), html)


def _unbroken(interval: re.Match[str]) -> str:
    return interval[0].replace(" ", "\N{NO-BREAK SPACE}")
