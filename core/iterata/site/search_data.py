"""The data of the search of a list: a script that sets a global, so that it also works from a file."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Generic, TypeVar

from iterata.site.tones import tone_of
from iterata.text import truncate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")

SCRIPT = "assets/search.js"
"""The path of the script that searches."""
_SCRIPTS = ("find.js", "search.js", "library.js", "projects.js")
"""Its parts, in this order."""

LONGEST_OPTION = 60
"""The characters of an option of a filter."""

_UNSAFE = re.compile("[<>&\\u2028\\u2029\\ud800-\\udfff]")
"""What could end a script or a line of it, and halves of characters, which no file can have."""


@dataclass(frozen=True, slots=True)
class Facet(Generic[T]):
    """A property that the entries of a list are filtered by."""

    name: str
    """As in the address of a filtered view."""
    title: str
    values: Callable[[T], Iterable[str]]
    has_many: bool = False
    """Whether an entry may have several values; then it must have all that are chosen."""
    shown: Callable[[str], str] = str
    """A value as a reader sees it."""

    def data(
        self,
        entries: Sequence[T],
        titles: Mapping[str, str] | None = None,
        addresses: Mapping[str, str] | None = None,
    ) -> dict[str, object]:
        """The options, the most frequent first, and those of each entry by their position.

        Args:
            entries: the whole list.
            titles: what a reader sees of a value, if not what `shown` says.
            addresses: of the pages of values that have one.
        """
        values = [tuple(self.values(entry)) for entry in entries]
        counts = Counter(value for entry in values for value in entry)
        options = sorted(counts, key=lambda it: (-counts[it], it))
        if self.name == "year":
            options.sort(reverse=True)
        numbers = {value: number for number, value in enumerate(options)}
        names, pages = self._labels(options, titles or {}), addresses or {}
        return {
            "name": self.name,
            "title": self.title,
            "many": self.has_many,
            "options": [
                [value, names[value], tone_of(value), *([pages[value]] if value in pages else [])]
                for value in options
            ],
            "of": [[numbers[value] for value in entry] for entry in values],
        }

    def _labels(self, options: Sequence[str], titles: Mapping[str, str]) -> Mapping[str, str]:
        """What a reader sees of each option; two that would look the same have their value beside it."""
        shown = {value: truncate(titles.get(value) or self.shown(value), LONGEST_OPTION) for value in options}
        used = Counter(shown.values())
        return {value: text if used[text] == 1 else f"{text} · {value}" for value, text in shown.items()}


def search_script() -> str:
    """The script that searches. A theme may run it again on another page, so it names nothing globally."""
    folder = resources("iterata.site").joinpath("assets")
    parts = "\n".join(folder.joinpath(name).read_text("utf-8") for name in _SCRIPTS)
    return f"(() => {{\n{parts}}})();\n"


def script_of(name: str, data: object) -> str:
    """A script that sets a global to data, whatever their texts are."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"window.{name}={_UNSAFE.sub(_escaped, text)};\n"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
