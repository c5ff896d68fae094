"""Templates are compiled once a machine, not once a build: for a small site, a quarter of the time it takes.

Jinja keeps the code in a folder of the user's that nobody else may write to, and goes by the template's text.
It does not go by the environment's options, so these are made part of the file's name.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING

from jinja2 import FileSystemBytecodeCache

if TYPE_CHECKING:
    from jinja2 import Environment


def keep_compiled(environment: Environment) -> None:
    """Let the environment find its templates compiled; without a safe folder for them, nothing changes."""
    with suppress(OSError, RuntimeError):
        environment.bytecode_cache = FileSystemBytecodeCache(
            pattern=f"iterata-{_options(environment)}-%s.cache"
        )


def _options(environment: Environment) -> str:
    """A digest of whatever, beside its text, decides what a template is compiled to."""
    options = (
        version("jinja2"),
        sorted(environment.extensions),
        str(environment.autoescape),
        environment.trim_blocks,
        environment.lstrip_blocks,
        environment.keep_trailing_newline,
    )
    return sha256(repr(options).encode()).hexdigest()[:12]
