"""`iterata schema`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from iterata.stages import RESULT_STAGES, Stage
from iterata_cli.output import print_data

if TYPE_CHECKING:
    from pydantic import BaseModel

STAGES = tuple(stage.value for stage in Stage)
OTHERS = ("result", "output")


@click.command("schema")
@click.argument("of", metavar="STAGE|result|output", type=click.Choice([*STAGES, *OTHERS]))
@click.argument("kind", required=False)
def command(of: str, kind: str | None) -> None:
    """Print the JSON Schema of front matter, of a result file or of what a command prints.

    Of a STAGE, it is the schema of its front matter, for editors. `result KIND` is a result file: lift,
    experiment, rollout or monitors. `output KIND` is what a command prints with `--format json`. Without
    KIND, they are listed.
    """
    if of in STAGES:
        if kind is not None:
            raise click.UsageError(f"`iterata schema {of}` takes no KIND")
        from iterata.documents.schema import json_schema  # noqa: PLC0415

        schema = json_schema(Stage(of))
    else:
        from iterata.results.monitors import MonitorSeries  # noqa: PLC0415
        from iterata_cli.output_schemas import OUTPUTS  # noqa: PLC0415

        kinds: dict[str, type[BaseModel]] = dict(OUTPUTS)
        if of == "result":
            kinds = {name: OUTPUTS[name] for name in RESULT_STAGES} | {"monitors": MonitorSeries}
        if kind is None:
            print_data("\n".join(kinds))
            return
        if kind not in kinds:
            raise click.BadParameter(f"{kind!r} is not one of {', '.join(kinds)}.", param_hint="'KIND'")
        from iterata.documents.schema import open_schema  # noqa: PLC0415

        schema = open_schema(kinds[kind], f"iterata {of} {kind}")
    print_data(json.dumps(schema, indent=2, ensure_ascii=False))
