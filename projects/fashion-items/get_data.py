"""Write the tables that this project reads, into `data/` beside this file.

    python projects/fashion-items/get_data.py

They are parts of the Open Bandit Dataset (ZOZO, Inc., CC BY 4.0) as the package `obp` carries them: 10,000
impressions of each policy in each of three campaigns, recorded from 24 to 30 November 2019. Install it
without the libraries that it asks for, because only its files are read and it is never imported:

    pip install --no-deps obp==0.4.1

- `candidates.csv`: the campaigns `men` and `women`, in which chance chose the item.
- `release.csv`: the campaign `all`, with chance in one arm and Thompson sampling in the other. `phase` is the
  share of a rollout of 10, 25 and 50 %; the rows of Thompson sampling are thinned to these shares by their
  number in the file.
- `week.csv`: the campaign `all` with all rows of both arms.

The data are made here and never committed. The same package always gives the same bytes, whatever the
machine: the plans name the files' digests.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent / "data"

CLICKS = {
    ("random", "men"): 46,
    ("random", "women"): 46,
    ("random", "all"): 38,
    ("bts", "all"): 42,
}
"""The clicks among the 10,000 impressions of each policy and campaign in version 0.4.1."""

ARMS = {"random": "chance", "bts": "thompson sampling"}

PHASES = {
    "2019-11-24": (0.1, 9),
    "2019-11-25": (0.1, 9),
    "2019-11-26": (0.25, 3),
    "2019-11-27": (0.25, 3),
    "2019-11-28": (0.5, 1),
    "2019-11-29": (0.5, 1),
    "2019-11-30": (0.5, 1),
}
"""Each day's share, and one in how many rows of Thompson sampling make it, as both arms are equally large."""


def impressions(folder: Path, policy: str, campaign: str) -> pd.DataFrame:
    """The impressions of one policy in one campaign, in the order of the file."""
    place = folder / policy / campaign
    log = pd.read_csv(place / f"{campaign}.csv", index_col=0)
    found = len(log), int(log["click"].sum())
    if found != (10_000, CLICKS[policy, campaign]):
        raise SystemExit(f"{found} impressions and clicks of {policy}, {campaign}: use obp 0.4.1")
    items = pd.read_csv(folder / "random" / campaign / "item_context.csv", index_col=0)
    log = log.merge(items, on="item_id", how="left", validate="many_to_one")
    table = pd.DataFrame({"time": log["timestamp"].str.slice(0, 19) + "Z", "campaign": campaign})
    table["item"] = campaign + " " + log["item_id"].astype(str)
    table["number"] = log["item_feature_0"].round(6)
    for letter, column in zip("abc", ("item_feature_1", "item_feature_2", "item_feature_3"), strict=True):
        table[f"kind_{letter}"] = log[column].str.slice(0, 6)
    return table.assign(position=log["position"], clicked=log["click"])


def release(folder: Path) -> pd.DataFrame:
    """Both arms of the campaign `all`, with each day's share, and which rows make these shares."""
    arms = []
    for policy, arm in ARMS.items():
        table = impressions(folder, policy, "all")
        table.insert(0, "day", table["time"].str.slice(0, 10))
        table.insert(1, "arm", arm)
        table.insert(2, "phase", table["day"].map({day: share for day, (share, _) in PHASES.items()}))
        every = table["day"].map({day: n for day, (_, n) in PHASES.items()})
        arms.append(table.assign(taken=(arm == "chance") | (table.index % every == 0)))
    return pd.concat(arms, ignore_index=True)


def data_folder() -> Path:
    """The data in the installed package."""
    package = find_spec("obp")
    if package is None or package.origin is None:
        raise SystemExit("the package obp is missing: pip install --no-deps obp==0.4.1")
    return Path(package.origin).parent / "dataset" / "obd"


def main() -> None:
    """Write the files and say so."""
    DATA.mkdir(exist_ok=True)
    folder = data_folder()
    candidates = [impressions(folder, "random", campaign) for campaign in ("men", "women")]
    week = release(folder)
    tables = {
        "candidates.csv": pd.concat(candidates, ignore_index=True),
        "release.csv": week[week["taken"]].drop(columns="taken"),
        "week.csv": week.drop(columns=["taken", "phase"]),
    }
    for name, table in tables.items():
        table.to_csv(DATA / name, index=False, lineterminator="\n")
        print(f"data/{name}: {len(table)} impressions, {int(table['clicked'].sum())} clicks")


if __name__ == "__main__":
    main()
