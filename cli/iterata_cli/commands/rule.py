"""`iterata rule`."""

from __future__ import annotations

import click

from iterata_cli.output import show, table


@click.command("rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a rule or a gate.

    CODE is what `check` printed, such as DOC006 or GATE004; without it, all of them are listed.
    """
    from iterata.rules.catalogue import RULES  # noqa: PLC0415

    if code is None:
        show(table(("code", "what it requires"), [(rule.code, rule.summary) for rule in RULES.values()]))
        return
    rule = RULES.get(code.upper())
    if rule is None:
        raise click.UsageError(f"there is no rule {code}; `iterata rule` lists them all")
    applies_to = f"\n\nApplies to: {rule.applies_to}" if rule.applies_to else ""
    click.echo(f"{rule.code}: {rule.summary}\n\n{rule.why}{applies_to}")
    click.echo(f"\nRefused:\n{_indented(rule.bad)}\n\nCorrected:\n{_indented(rule.good)}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
