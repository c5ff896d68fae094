"""`iterata rule`."""

from __future__ import annotations

from textwrap import indent

import click

from iterata_cli.output import format_table, print_data


@click.command("rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a rule or a gate.

    CODE is what `check` printed, such as DOC006 or GATE004; without it, all codes are listed.
    """
    from iterata.rules.catalogue import RULES  # noqa: PLC0415

    if code is None:
        rows = [(rule.code, rule.summary) for rule in RULES.values()]
        print_data(format_table(("code", "requirement"), rows))
        return
    rule = RULES.get(code.upper())
    if rule is None:
        raise click.UsageError(f"there is no rule {code}; `iterata rule` lists all rules")
    applies_to = f"\n\nApplies to: {rule.applies_to}" if rule.applies_to else ""
    click.echo(f"{rule.code}: {rule.summary}\n\n{rule.why}{applies_to}")
    click.echo(f"\nRefused:\n{indent(rule.bad, '    ')}\n\nCorrected:\n{indent(rule.good, '    ')}")
