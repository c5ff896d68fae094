"""Texts of many pages in less memory."""

from __future__ import annotations

from typing import Any


class TextInBytes:
    """An attribute with a text, kept as UTF-8.

    A string takes two or four bytes for each character as soon as one of them is not in Latin-1, such as a
    minus sign or a quotation mark, and a host keeps the prose and the HTML of every page until the end.
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_{name}_in_bytes"

    def __get__(self, instance: Any, owner: type | None = None) -> str | None:
        raw = instance.__dict__.get(self._name)
        return raw if raw is None else raw.decode("utf-8", "surrogatepass")

    def __set__(self, instance: Any, text: str | None) -> None:
        instance.__dict__[self._name] = text if text is None else text.encode("utf-8", "surrogatepass")
