"""Build a site as `mkdocs serve` does, edit a file, and print the median seconds that the plugin takes.

These are its hooks, its pages and its templates, without what the host and its theme do in them.
"""

from __future__ import annotations

import sys
import time
from functools import wraps
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from jinja2 import Template
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer
from mkdocs.structure.pages import Page

from iterata.site.render import environment
from mkdocs_iterata.cached_page import CachedPage
from mkdocs_iterata.cached_theme import CachedTheme
from mkdocs_iterata.plugin import IterataPlugin

if TYPE_CHECKING:
    from collections.abc import Callable

    from mkdocs.config.defaults import MkDocsConfig

EDITS = 9


class Clock:
    """Adds up the time of some functions."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._is_running = False

    def timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, with a clock; a function that another one calls is timed with that one."""

        @wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            if self._is_running:
                return function(*arguments, **options)
            self._is_running, started = True, time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                self._is_running = False
                self.seconds += time.process_time() - started

        return call

    def without(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function of the host, whose time does not count."""

        @wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            started = time.process_time()
            try:
                return function(*arguments, **options)
            finally:
                if self._is_running:
                    self.seconds -= time.process_time() - started

        return call

    def without_theme(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """What renders a template; the time of those of the theme does not count."""
        of_theme = self.without(function)

        @wraps(function)
        def call(template: Template, /, *arguments: Any, **options: Any) -> Any:
            is_ours = template.environment is environment()
            return (function if is_ours else of_theme)(template, *arguments, **options)

        return call


def main() -> None:
    """Build once, then after each edit."""
    edited, clock = Path(sys.argv[1]), Clock()
    for owner, name, change in (
        (CachedPage, "render", clock.timed),
        (CachedTheme, "rendered", clock.timed),
        (Page, "render", clock.without),
        (Template, "render", clock.without_theme),
    ):
        setattr(owner, name, change(getattr(owner, name)))
    load_config("mkdocs.yml").plugins.on_startup(command="serve", dirty=False)
    config = _build(clock)
    with LiveReloadServer(main, "localhost", 0, config.site_dir) as server:
        config.plugins.on_serve(server, config=config, builder=main)
        taken = []
        for number in range(EDITS):
            edited.write_text(f"{edited.read_text('utf-8')}\nEdit {number}.\n", "utf-8")
            clock.seconds = 0
            _build(clock)
            taken.append(clock.seconds)
    print(median(taken))


def _build(clock: Clock) -> MkDocsConfig:
    """Build the site, with a clock in our hooks; the configuration of this build."""
    config = load_config("mkdocs.yml")
    for hooks in config.plugins.events.values():
        hooks[:] = [
            clock.timed(hook) if isinstance(getattr(hook, "__self__", None), IterataPlugin) else hook
            for hook in hooks
        ]
    build(config)
    return config


if __name__ == "__main__":
    main()
