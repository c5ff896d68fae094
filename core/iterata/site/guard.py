"""A page that cannot be rendered is replaced by a notice; it does not stop the build of all other pages.

`iterata.documents.prose_limits` refuses what is known to be too much. What an extension makes of the rest is
not known, so a page also has a time limit, and a page that exhausts the stack is replaced, too.
"""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Protocol

from markdown.extensions import Extension

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    class Markdown(Protocol):
        """What is used of Python-Markdown's converter."""

        convert: Callable[[str], str]


SECONDS = 20
"""How long the Markdown of one page may take; ordinary pages take less than a tenth of a second."""


class TooSlow(Exception):
    """A page takes longer than `SECONDS`."""


class RenderGuard(Extension):  # type: ignore[misc]  # Markdown has no types
    """Replaces the page that is being rendered if that takes too long, or is nested too deep."""

    def __init__(self, report: Callable[[str], str]) -> None:
        super().__init__()
        self._report = report

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's own name
        """Wrap the conversion."""
        convert = md.convert

        def guarded(source: str) -> str:
            try:
                with time_limit(SECONDS):
                    return convert(source)
            except RecursionError:
                return self._report("its Markdown is nested too deep")
            except TooSlow:
                return self._report(f"its Markdown takes longer than {SECONDS} seconds")

        md.convert = guarded


def notice(path: str, line: int, message: str, remedy: str) -> str:
    """The HTML that takes the place of a page."""
    place = escape(f"{path}, line {line}" if line else path)
    fix = f"<p>fix: {escape(remedy)}</p>" if remedy else ""
    return (
        f'<div class="admonition warning"><p class="admonition-title">This page is not shown</p>'
        f"<p>{place}: {escape(message)}</p>{fix}</div>"
    )


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TooSlow` in this block after some time, where the system has signals; else do nothing."""
    is_main = threading.current_thread() is threading.main_thread()
    if not hasattr(signal, "setitimer") or not is_main or signal.getitimer(signal.ITIMER_REAL)[0]:
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
