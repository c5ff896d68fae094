"""Results that were read: the newest few as they are, the others as compressed text.

A site shows thousands of results, a few at a time. A parsed result takes five times the memory of its file.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from typing import TYPE_CHECKING

from iterata.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.results import AnyResult
    from iterata.stages import ResultKind

MOST_PARSED = 32
"""How many results are kept as they are."""


class RecentResults:
    """The results of a repository by the paths of their files. Each file is read once."""

    def __init__(
        self, read: Callable[[str], bytes], parse: Callable[[ResultKind, bytes, str], AnyResult]
    ) -> None:
        """Keep nothing yet.

        Args:
            read: reads the file at a path.
            parse: makes a result of a kind, a content and a path.
        """
        self._read = read
        self._parse = parse
        self._contents: dict[str, bytes] = {}
        self._errors: dict[str, DataError] = {}
        self._parsed: OrderedDict[str, AnyResult] = OrderedDict()

    def get(self, path: str, kind: ResultKind) -> AnyResult:
        """The result in a file.

        Raises:
            DataError: the file is not a valid result of that kind.
        """
        if path in self._errors:
            raise self._errors[path].replace()
        if path not in self._parsed:
            try:
                self._parsed[path] = self._parse(kind, self._content(path), path)
            except DataError as error:
                self._errors[path] = error
                raise
            if len(self._parsed) > MOST_PARSED:
                self._parsed.popitem(last=False)
        self._parsed.move_to_end(path)
        return self._parsed[path]

    def _content(self, path: str) -> bytes:
        if path not in self._contents:
            content = self._read(path)
            self._contents[path] = zlib.compress(content, level=1)
            return content
        return zlib.decompress(self._contents[path])
