"""`python -m iterata_cli`: the command line without its script."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # `-m` put the working directory there: a checkout, whose modules would be imported

    from iterata_cli.main import cli

    cli(prog_name="iterata")
