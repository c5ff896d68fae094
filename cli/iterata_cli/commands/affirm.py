"""`iterata affirm`."""

from __future__ import annotations

import click

from iterata_cli.context import load_knowledge_base, relative_to_root
from iterata_cli.output import print_message


@click.command("affirm")
@click.argument("document")
def command(document: str) -> None:
    """Confirm that a suspect document is still correct.

    A document becomes suspect when a document that it depends on changes: the requirements of an assessment,
    the assessment of a proposal, the proposal of a report.
    """
    from iterata.actions.affirm import affirm  # noqa: PLC0415
    from iterata.lifecycle.context import find_context  # noqa: PLC0415
    from iterata.repository.files import locked  # noqa: PLC0415

    config, repository = load_knowledge_base()
    context = find_context(repository, relative_to_root(config.root, document))
    with locked(config.root, context.iteration.ref if context.iteration else context.project.name):
        changes = affirm(context, config.root)
    for change in changes:
        print_message(f"{context.document.path}: affirmed against {change.path}")
    if not changes:
        print_message(f"{context.document.path}: nothing to affirm; what it depends on has not changed")
