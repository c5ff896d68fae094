"""Write the table that every iteration of this project reads, into `data/` beside this file.

    python projects/voter-persuasion/get_data.py

`voters.csv` is `Voter-Persuasion` as the package `dmba` carries it (`pip install dmba==0.2.4`, part of this
repository's `demo` extra), with two columns added that put codes in words: `party` and `age_band`.

The data are the package's to share, so they are made here and never committed. The same package always gives
the same bytes, whatever the machine: the plans name the files' digests. The package is not imported, because
that loads libraries for figures; its file is read.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent / "data"

ROWS, TREATED, MOVED = 10_000, 5_000, 3_734
"""What the file of version 0.2.4 holds."""

PARTIES = {"PARTY_D": "Democrat", "PARTY_R": "Republican", "PARTY_I": "Independent"}

AGES = {0: "under 35", 35: "35 to 49", 50: "50 to 64", 65: "65 and over"}
"""The lowest age of each band."""


def voters() -> pd.DataFrame:
    """The voters of the campaign, one a row, in the original order."""
    package = find_spec("dmba")
    if package is None or package.origin is None:
        raise SystemExit("the package dmba is missing: pip install dmba==0.2.4")
    table = pd.read_csv(Path(package.origin).parent / "csvFiles" / "Voter-Persuasion.csv.gz")
    found = len(table), int(table["MESSAGE_A"].sum()), int(table["MOVED_A"].sum())
    if found != (ROWS, TREATED, MOVED):
        raise SystemExit(f"{found} voters, messages and moved, not {(ROWS, TREATED, MOVED)}: use dmba 0.2.4")
    party = pd.Series("none", index=table.index)
    for column, name in PARTIES.items():
        party[table[column] == 1] = name
    age_band = pd.cut(table["AGE"], [*AGES, 200], right=False, labels=list(AGES.values())).astype(str)
    table.insert(1, "party", party)
    table.insert(2, "age_band", age_band)
    return table


def main() -> None:
    """Write the file and say so."""
    DATA.mkdir(exist_ok=True)
    table = voters()
    table.to_csv(DATA / "voters.csv", index=False, lineterminator="\n")
    print(f"data/voters.csv: {len(table)} voters, {TREATED} of them sent the message")


if __name__ == "__main__":
    main()
