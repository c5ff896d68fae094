"""One thing that `iterata doctor` looked at."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """Whether a thing works."""

    OK = "ok"
    ABSENT = "absent"
    """It is not there, and need not be."""
    NOTE = "note"
    """It works; somebody should know about it."""
    PROBLEM = "problem"
    """It is needed, and does not work."""


class Part(StrEnum):
    """What a thing belongs to."""

    PROGRAM = "iterata"
    DEPENDENCIES = "dependencies"
    EXTRAS = "extras"
    KNOWLEDGE_BASE = "knowledge base"
    CHECKOUT = "checkout"
    FIGURES = "figures"


class Finding(NamedTuple):
    """One thing that was looked at."""

    part: Part
    name: str
    state: State
    found: str
    """A version, a path or a value; empty if there is none."""
    message: str = ""
    """What is to know about it."""
    fix: str = ""
    """What to do; set unless it is `ok`."""
