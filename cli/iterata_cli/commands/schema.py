"""`iterata schema`."""

from __future__ import annotations

import json

import click

from iterata.stages import Stage
from iterata_cli.output import print_data


@click.command("schema")
@click.argument("stage", type=click.Choice([stage.value for stage in Stage]))
def command(stage: str) -> None:
    """Print the JSON Schema of a stage's front matter, for editors."""
    from iterata.documents.schema import json_schema  # noqa: PLC0415

    print_data(json.dumps(json_schema(Stage(stage)), indent=2, ensure_ascii=False))
