"""How often intervals and verdicts err: the simulations record it, and `docs/trust.md` shows it.

A simulation records how often a claim was wrong, and how often it may be. The fixture compares this with the
promise and with the stored rate, which lies in the folder `rates` beside the test. `pytest -m statistical
--update-rates` stores the rates of the tests that run; afterwards `python docs/generate.py` writes the page.
"""

from __future__ import annotations

import fcntl
import json
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple, TypedDict

if TYPE_CHECKING:
    from pathlib import Path

STANDARD_ERRORS = 2
"""How many Monte Carlo standard errors a rate may lie above its promise."""

REPEAT_ERRORS = 3
"""How many standard errors of their difference the stored rate and the found one may lie apart."""


class StoredRate(TypedDict):
    """A rate as the file holds it."""

    what: str
    where: str
    kind: str
    """`error` if a low rate is good, `power` if a high one is."""
    nominal: float | None
    at_most: float | None
    count: int
    of: int
    test: str


class Rates(NamedTuple):
    """The rates that a test finds."""

    path: Path
    """The file of the rates of the test's module."""
    test: str
    update: bool

    def record(
        self,
        what: str,
        where: str,
        *,
        wrong: int,
        of: int,
        nominal: float = 0.05,
        at_most: float | None = None,
    ) -> None:
        """Record how often a claim was wrong, and hold that this is not too often.

        Args:
            what: the claim and what is wrong about it, such as `interval of the risk misses the truth`.
            where: the size, the split, and what else makes the case: `800 rows, 7 % positive`.
            wrong: how often it was wrong.
            of: the number of simulated samples.
            nominal: how often the claim says that it is wrong.
            at_most: how often it may be wrong, if that is more often than it says: a known limit, which the
                page shows as such.
        """
        promise = nominal if at_most is None else at_most
        error = sqrt(promise * (1 - promise) / of)
        found = f"{what} ({where}): {wrong} of {of}"
        assert wrong / of <= promise + STANDARD_ERRORS * error, f"{found}, promised {promise:.1%}"
        self._compare(
            StoredRate(
                what=what,
                where=where,
                kind="error",
                nominal=nominal,
                at_most=at_most,
                count=int(wrong),
                of=of,
                test=self.test,
            )
        )

    def power(self, what: str, where: str, *, detected: int, of: int, nominal: float | None = None) -> None:
        """Record how often an effect was found; hold that it is as often as said, if anything was said.

        Args:
            what: the effect and what finds it, such as `a gain of 20 hits is supported`.
            where: as for `record`.
            detected: how often it was found.
            of: the number of simulated samples.
            nominal: the power that was promised.
        """
        if nominal is not None:
            error = sqrt(nominal * (1 - nominal) / of)
            found = f"{what} ({where}): {detected} of {of}, promised {nominal:.1%}"
            assert detected / of >= nominal - STANDARD_ERRORS * error, found
        self._compare(
            StoredRate(
                what=what,
                where=where,
                kind="power",
                nominal=nominal,
                at_most=None,
                count=int(detected),
                of=of,
                test=self.test,
            )
        )

    def _compare(self, found: StoredRate) -> None:
        """Hold that a rate is the stored one; where rates are updated, store it."""
        if self.update:
            self._store(found)
        name = f"{found['what']} ({found['where']})"
        stored = next((rate for rate in _read(self.path) if _key(rate) == _key(found)), None)
        assert stored, f"{name} is not stored: pytest -m statistical --update-rates stores it"
        assert _promise(stored) == _promise(found), f"{name} is stored with another promise"
        pooled = (stored["count"] + found["count"]) / (stored["of"] + found["of"])
        error = sqrt(pooled * (1 - pooled) * (1 / stored["of"] + 1 / found["of"]))
        apart = abs(_share(stored) - _share(found))
        assert apart <= REPEAT_ERRORS * error, f"{name}: {_share(found):.1%} is not the stored rate"

    def _store(self, found: StoredRate) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # the tests of a module can run in parallel
            others = [rate for rate in _read(self.path) if _key(rate) != _key(found)]
            rates = sorted([*others, found], key=lambda rate: (rate["test"], rate["what"], rate["where"]))
            file.truncate(0)
            file.write(json.dumps(rates, indent=1) + "\n")


def _read(path: Path) -> list[StoredRate]:
    """The rates of a file; none if it is missing or new."""
    text = path.read_text("utf-8") if path.is_file() else ""
    rates: list[StoredRate] = json.loads(text or "[]")
    return rates


def _key(rate: StoredRate) -> tuple[str, str]:
    return rate["what"], rate["where"]


def _share(rate: StoredRate) -> float:
    return rate["count"] / rate["of"]


def _promise(rate: StoredRate) -> tuple[str, float | None, float | None]:
    return rate["kind"], rate["nominal"], rate["at_most"]
