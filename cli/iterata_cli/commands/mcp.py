"""`iterata mcp`."""

from __future__ import annotations

import signal

import click

from iterata_cli.context import load_configuration


@click.command("mcp")
def command() -> None:
    """Answer questions of assistants about findings, read only.

    It speaks the Model Context Protocol over standard input and output, only reads, and opens no
    connection. The tools: search_findings, similar (have we tried this?), get_document and explain_rule.
    An assistant starts it by itself; its configuration is in the documentation. It needs the extra mcp.
    """
    from iterata.errors import IterataError  # noqa: PLC0415

    root = load_configuration().root
    from iterata_cli.mcp_server import server  # noqa: PLC0415  # only after the command line is parsed

    try:
        made = server(root)
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] not in ("mcp", "mcp_types"):
            raise
        from iterata.execution.extras import install_command  # noqa: PLC0415

        message, remedy = "its SDK, the package mcp, is not installed", f"`{install_command('mcp')}`"
        raise IterataError(message, remedy=remedy, where="mcp") from None
    # The SDK reads standard input in a thread that no exception ends, and there is nothing to clean up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    made.run("stdio")
