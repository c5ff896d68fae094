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
    from iterata.rules.explained import CODES  # noqa: PLC0415

    if code is None:
        show(table(("code", "what it asks"), [(each.code, each.asks) for each in CODES.values()]))
        return
    explained = CODES.get(code.upper())
    if explained is None:
        raise click.UsageError(f"there is no rule {code}; `iterata rule` lists them all")
    asked = f"\n\nAsked of: {explained.asked_of}" if explained.asked_of else ""
    click.echo(f"{explained.code}: {explained.asks}\n\n{explained.why}{asked}")
    click.echo(f"\nRefused:\n{_indented(explained.failing)}\n\nMended:\n{_indented(explained.mended)}")


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
