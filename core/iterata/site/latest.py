"""What was made last of something, for a site that is served: after an edit, most inputs are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Latest:
    """The last value of each name with the inputs that it was made of; older ones are forgotten."""

    def __init__(self, *, remembers: bool = True) -> None:
        """Begin with nothing.

        Args:
            remembers: whether anything is kept; a process that builds a site once has no use for it.
        """
        self._remembers = remembers
        self._kept: dict[tuple[str, str], tuple[tuple[object, ...], Any]] = {}

    def get(self, kind: str, name: str, inputs: tuple[object, ...]) -> Any:
        """The value of a name; None if there is none of these inputs."""
        kept = self._kept.get((kind, name))
        return kept[1] if kept and kept[0] == inputs else None

    def put(self, kind: str, name: str, inputs: tuple[object, ...], value: object) -> None:
        """Keep a value, which must not be changed, instead of the last one of that name."""
        if self._remembers:
            self._kept[kind, name] = inputs, value

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
