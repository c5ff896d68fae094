"""Pieces of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NOTE = "<!-- Made by docs/generate.py: change what it describes, and run that. -->"


def whole(title: str, *parts: str) -> str:
    """A page with its title."""
    return "\n\n".join((_NOTE, f"# {title}", *(part.strip("\n") for part in parts if part))) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the cells may hold Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def fence(language: str, text: str) -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```"


def code(word: str) -> str:
    """A word as code."""
    return f"`{word}`"


def codes(words: Iterable[str]) -> str:
    """Some words as code, with commas."""
    return ", ".join(code(word) for word in words)


def _cell(text: str) -> str:
    return text.replace("\n", " ").replace("|", "\\|")
