"""Say what was tried before, on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata_cli.output import on_one_line, print_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.actions.tried_before import Told
    from iterata.knowledge.similar import Similar
    from iterata.repository.projects import Repository

LONGEST = 160
"""Characters of an idea that are shown."""


def tried_before(repository: Repository, changed: Sequence[str], output_format: str) -> Sequence[Told]:
    """What resembles changed plans that are not agreed yet; nothing for programs."""
    from iterata.actions.undecided_plans import undecided_plans  # noqa: PLC0415  # as all of a command

    if output_format != "text" or not (plans := undecided_plans(repository, changed)):
        return ()
    from iterata.actions.tried_before import before_agreeing  # noqa: PLC0415  # only for such a plan

    return before_agreeing(repository, plans)


def print_told(told: Sequence[Told]) -> None:
    """Print what resembles each of some plans."""
    for entry in told:
        print_tried_before(entry.similar, entry.path)


def print_tried_before(similar: Sequence[Similar], subject: str = "") -> None:
    """Print ideas with their references; nothing if there are none.

    Args:
        similar: the ideas.
        subject: the plan that they resemble; empty for what is being started.
    """
    if not similar:
        return
    from iterata.text import truncate  # noqa: PLC0415  # only if there is something

    print_message(f"note: {subject}: have we tried this?" if subject else "have we tried this?")
    for idea, _, _ in similar:
        label = f"{idea.label}, provisional" if idea.provisional else idea.label
        text = truncate(on_one_line(idea.text), LONGEST)
        print_message(f"  {on_one_line(label)}: {text} ({on_one_line(idea.key)})")
