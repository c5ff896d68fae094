"""Golden files: the only place where tests pin the wording of messages.

A test of behaviour asserts the class, the location and the code of an error. The wording is compared with a
file in the folder `golden` beside the test; `pytest --update-golden` writes these files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Golden(NamedTuple):
    """The golden files beside a test."""

    folder: Path
    update: bool

    def check(self, name: str, text: str) -> None:
        """Compare `text` with the file `name`.txt, or write that file if golden files are updated."""
        path = self.folder / f"{name}.txt"
        if self.update:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n", "utf-8")
        assert path.is_file(), f"{path.name} is missing: look at it after pytest --update-golden"
        assert text == path.read_text("utf-8").removesuffix("\n")
