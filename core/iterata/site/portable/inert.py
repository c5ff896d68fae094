"""HTML that passes every host's reader of Markdown and its templates unchanged.

CommonMark, Python-Markdown, goldmark and MDX's reader of `.md` end a block of HTML at a blank line, so there
is none. Hugo, Quarto, Jinja and MDX act upon braces, so they are written as entities.
"""

from __future__ import annotations

import re

_VERBATIM = re.compile(r"<(pre|textarea)\b[^>]*>.*?</\1>", re.DOTALL)
_RAW = re.compile(r"(<(style|script)\b[^>]*>)(.*?)(</\2>)", re.DOTALL)
_SPACE = re.compile(r"[ \t\r\f\v]*\n\s*")
_BRACES = {ord("{"): "&#123;", ord("}"): "&#125;"}
_OPENING = re.compile(r"([{%#])(?=[{%#<])")


def inert(html: str) -> str:
    """The HTML of a page as one block without a blank line or a brace."""
    one_block = _SPACE.sub("\n", _VERBATIM.sub(lambda match: match[0].replace("\n", "&#10;"), html)).strip()
    parts, last = [], 0
    for match in _RAW.finditer(one_block):
        opened = _OPENING.sub(r"\1 ", match[3])
        parts += [one_block[last : match.start()].translate(_BRACES), match[1], opened, match[4]]
        last = match.end()
    parts.append(one_block[last:].translate(_BRACES))
    return "".join(parts)
