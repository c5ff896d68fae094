"""`iterata rule`."""

from __future__ import annotations

import click

from iterata_cli.output import table


@click.command("rule")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a rule or a gate.

    CODE is what `check` printed, such as DOC006 or GATE004; without it, all of them are listed.
    """
    from iterata.lifecycle.gates import GATES  # noqa: PLC0415
    from iterata.rules.catalogue import RULES  # noqa: PLC0415
    from iterata.rules.explained import CODES  # noqa: PLC0415

    gates = {gate.code: gate for gate in GATES}
    if code is None:
        click.echo(table(("code", "what it asks"), [(each.code, each.asks) for each in CODES.values()]))
    elif (rule := RULES.get(code.upper())) is not None:
        click.echo(f"{rule.code}: {rule.summary}\n\n{rule.why}")
        click.echo(f"\nRefused:\n{_indented(rule.failing)}\n\nMended:\n{_indented(rule.mended)}")
    elif (gate := gates.get(code.upper())) is not None:
        stages = ", ".join(gate.stages) if len(gate.stages) < 6 else "every stage"
        click.echo(f"{gate.code}: requires that {gate.requires}\n\n{gate.why}")
        click.echo(f"\nAsked of: {stages}\nIn status: {', '.join(gate.statuses)}")
    else:
        raise click.UsageError(f"there is no rule {code}; `iterata rule` lists them all")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
