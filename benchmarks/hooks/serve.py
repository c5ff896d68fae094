"""Build a site as `mkdocs serve` does, edit a file, and print the median seconds in the plugin's hooks."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from mkdocs.commands.build import build
from mkdocs.config import load_config

from mkdocs_iterata.plugin import IterataPlugin

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig

EDITS = 5


class Clock:
    """Adds up the time of some functions."""

    seconds = 0.0

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with a clock."""

        def call(*arguments: Any, **options: Any) -> Any:
            started = time.perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                self.seconds += time.perf_counter() - started

        return call


def main() -> None:
    """Build once, then after each edit."""
    edited = Path(sys.argv[1])
    _config().plugins.on_startup(command="serve", dirty=False)
    _build()
    taken = []
    for number in range(EDITS):
        edited.write_text(f"{edited.read_text('utf-8')}\nEdit {number}.\n", "utf-8")
        taken.append(_build())
    print(median(taken))


def _config() -> MkDocsConfig:
    return load_config("mkdocs.yml")


def _build() -> float:
    """Build the site; the seconds in our hooks."""
    config, clock = _config(), Clock()
    for hooks in config.plugins.events.values():
        hooks[:] = [
            clock.timed(hook) if isinstance(getattr(hook, "__self__", None), IterataPlugin) else hook
            for hook in hooks
        ]
    build(config)
    return clock.seconds


if __name__ == "__main__":
    main()
