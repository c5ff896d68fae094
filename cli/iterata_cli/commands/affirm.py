"""`iterata affirm`."""

from __future__ import annotations

import click

from iterata_cli.context import knowledge_base, within
from iterata_cli.output import say


@click.command("affirm")
@click.argument("document")
def command(document: str) -> None:
    """Record that a suspect document was looked at again and still holds.

    A document becomes suspect when what it was written against changes: the requirements of an assessment,
    the assessment of a proposal, the proposal of a report.
    """
    from iterata.actions.affirm import affirm  # noqa: PLC0415
    from iterata.lifecycle.context import find_context  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = knowledge_base()
    case = find_context(repository, within(config.root, document))
    with locked(config.root, case.iteration.ref if case.iteration else case.project.name):
        found = affirm(case, config.root)
    for suspect in found:
        say(f"{case.document.path}: affirmed against {suspect.path}")
    if not found:
        say(f"{case.document.path}: nothing has changed upstream")
