"""The knowledge base around a folder: its settings, its places, its checkout and its results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.actions.doctor import checkout, figures, places
from iterata.actions.doctor.finding import Finding, Part, State
from iterata.errors import IterataError
from iterata.repository import config as configuration
from iterata.repository.projects import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def findings(start: Path) -> Iterator[Finding]:
    """What is to know about the knowledge base; outside of one, about the versions alone."""
    try:
        place = configuration.find(start)
    except IterataError as error:
        fix = "run it in the folder of a knowledge base to have that looked at, too"
        yield Finding(Part.KNOWLEDGE_BASE, "mkdocs.yml", State.ABSENT, "", error.message, fix)
        yield from figures.findings([])
        return
    try:
        config = configuration.load(start)
    except IterataError as error:
        message = f"{error.where}: {error.message}" if error.where else error.message
        yield Finding(Part.KNOWLEDGE_BASE, place.name, State.PROBLEM, str(place), message, error.remedy)
        yield from figures.findings([])
        return
    yield from places.findings(config)
    yield from checkout.findings(config.root)
    yield from figures.findings(Repository.on_disk(config).iterations)
