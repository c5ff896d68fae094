"""Rules about the prose below the front matter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.documents.prose_limits import excesses
from iterata.rules.rule import RuleSet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.lifecycle.context import DocumentContext
    from iterata.problems import Problem

RULES = RuleSet()


@RULES.rule(
    "DOC010",
    "The prose is not larger, deeper or denser than a site can render.",
    why="Anybody may open a pull request, and a few kilobytes of brackets stall the build of the whole site.",
    bad="a list of 300 levels",
    good="a list of 3 levels, and the details in a block of code",
)
def prose_can_be_rendered(context: DocumentContext) -> Iterator[Problem]:
    """DOC010."""
    for excess in excesses(context.document.body):
        yield context.document.problem_in_body("DOC010", excess.offset, excess.message, excess.remedy)
