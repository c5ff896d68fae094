"""What was made last of something, for a site that is served: after an edit, most inputs are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


MOST = 300_000_000
"""Characters that are kept."""


def _size(value: object) -> int:
    """About how many characters a value has; inputs are mostly values of other names."""
    if isinstance(value, tuple):
        return sum(map(_size, value))
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return len(value) if isinstance(value, str | bytes) else 0


class Latest:
    """The last value of each name with the inputs that it was made of; older ones are forgotten."""

    def __init__(self, most: int = MOST) -> None:
        """Begin with nothing.

        Args:
            most: how many characters are kept; none in a process that builds a site once. What comes after is
                not kept, instead of what came before: every build asks for everything, in the same order.
        """
        self._free = most
        self._kept: dict[tuple[str, str], tuple[tuple[object, ...], Any]] = {}

    def get(self, kind: str, name: str, inputs: tuple[object, ...]) -> Any:
        """The value of a name; None if there is none of these inputs."""
        kept = self._kept.get((kind, name))
        return kept[1] if kept and kept[0] == inputs else None

    def put(self, kind: str, name: str, inputs: tuple[object, ...], value: object) -> None:
        """Keep a value, which must not be changed, instead of the last one of that name."""
        _, earlier = self._kept.pop((kind, name), ((), None))
        self._free += _size(earlier) - _size(value)
        if self._free > 0:
            self._kept[kind, name] = inputs, value
        else:
            self._free += _size(value)

    def of(self, kind: str, name: str, inputs: tuple[Any, ...], make: Callable[..., T]) -> T:
        """The value of a name; made of the inputs if it was made of others, or not at all.

        >>> latest = Latest()
        >>> [latest.of("length", "a", (text,), len) for text in ("one", "four", "four")]
        [3, 4, 4]
        """
        kept: T | None = self.get(kind, name, inputs)
        if kept is None:
            kept = make(*inputs)
            self.put(kind, name, inputs, kept)
        return kept
