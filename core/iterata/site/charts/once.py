"""Draw each chart of a result once, although up to four pages show it.

A drawing is kept compressed, a tenth of its size. Above `MOST_BYTES` those not used for longest are dropped.
"""

from __future__ import annotations

import weakref
import zlib
from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

if TYPE_CHECKING:
    from jinja2 import Environment

    from iterata.results import ExperimentResult, LiftResult

MOST_BYTES = 8_000_000
"""The most memory that drawings take."""

_DRAW = "{% from template import drawing with context %}{{ drawing(result, id, kind) }}"


class _Key(NamedTuple):
    template: str
    result: str
    """The digest of the result."""
    id: str
    kind: str


class Drawings:
    """The drawings of the charts of results."""

    def __init__(self, environment: Environment, most_bytes: int = MOST_BYTES) -> None:
        self._environment = environment
        self._most_bytes = most_bytes
        self._drawn: OrderedDict[_Key, bytes] = OrderedDict()
        self._digests: dict[int, str] = {}
        self.bytes = 0
        """How much memory the drawings take."""

    def once(self, template: str, result: LiftResult | ExperimentResult, id: str, kind: str = "") -> Markup:  # noqa: A002
        """The HTML that the macro `drawing` of a template makes of a result."""
        key = _Key(template, self._digest(result), id, kind)
        if (kept := self._drawn.get(key)) is not None:
            self._drawn.move_to_end(key)
            return Markup(zlib.decompress(kept).decode())  # noqa: S704  # escaped when it was drawn
        html = self._environment.from_string(_DRAW).render(template=template, result=result, id=id, kind=kind)
        self._keep(key, zlib.compress(html.encode(), 1))
        return Markup(html)  # noqa: S704  # escaped by the template

    def _keep(self, key: _Key, drawn: bytes) -> None:
        self._drawn[key] = drawn
        self.bytes += len(drawn)
        while self.bytes > self._most_bytes and len(self._drawn) > 1:
            _, oldest = self._drawn.popitem(last=False)
            self.bytes -= len(oldest)

    def _digest(self, result: LiftResult | ExperimentResult) -> str:
        """The digest of a result, computed once as long as it exists."""
        place = id(result)
        if place not in self._digests:
            self._digests[place] = sha256(result.model_dump_json().encode()).hexdigest()
            weakref.finalize(result, self._digests.pop, place, None)
        return self._digests[place]
