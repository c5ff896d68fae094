"""The result files of an iteration."""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import TYPE_CHECKING, Literal, NamedTuple, overload

from iterata.errors import ContentMissingError, IterataError
from iterata.stages import RESULT_STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iterata.results import AnyResult, ExperimentResult, LiftResult, RolloutResult, SampleResult
    from iterata.stages import ResultKind

ROLLOUT = "rollout-"
"""How the names of a rollout's result files begin."""

RELEASE = "release-"
"""How the folders below `results/` begin that hold the results of releases that were reverted."""

_ROLLOUT_FILE = re.compile(rf"{ROLLOUT}([0-9]{{1,3}}(?:\.[0-9]{{1,10}})?)\.json")


def in_percent(share: float) -> str:
    """A share of users in percent, as in the names of files and on the command line: `2.5` for 0.025."""
    return f"{share * 100:.10g}"


def share_of_percent(text: str) -> float | None:
    """The share that a percentage means, such as 0.25 for `25` or `25 %`; None if it is none."""
    try:
        percentage = float(text.strip().removesuffix("%"))
    except ValueError:
        return None
    return float(f"{percentage / 100:.12g}") if 0 < percentage <= 100 else None


def rollout_file(share: float) -> str:
    """The name of a phase's result file: `rollout-10.json` for the share 0.1."""
    return f"{ROLLOUT}{in_percent(share)}.json"


def share_of_file(name: str) -> float | None:
    """The share of the phase that a result file is of; None if it is no result file of a rollout."""
    match = _ROLLOUT_FILE.fullmatch(name)
    share = float(f"{float(match[1]) / 100:.12g}") if match else None
    return share if share is not None and 0 < share <= 1 and rollout_file(share) == name else None


class EarlierResult(NamedTuple):
    """The result of a phase of a release that was reverted."""

    number: int
    """The number of the release, from 1."""
    share: float
    path: str
    """The path of the file, relative to the repository."""


class IterationResults:
    """The results of an iteration; the base of its folder."""

    @property
    @abstractmethod
    def path(self) -> str:
        """The path of the iteration, relative to the repository."""

    @property
    @abstractmethod
    def ref(self) -> str:
        """The name of the iteration on the command line: `project/01-setup`."""

    @property
    @abstractmethod
    def result_files(self) -> frozenset[str]:
        """The names of the files and folders in its folder of results."""

    @abstractmethod
    def files_of_results(self, folder: str) -> frozenset[str]:
        """The names of the files in a folder of its folder of results."""

    @abstractmethod
    def read_result(self, path: str, kind: ResultKind) -> AnyResult:
        """Read one result file, by its path relative to the repository; each is read once.

        Raises:
            DataError: the file is not a valid result of that kind.
        """

    def result_path(self, kind: ResultKind, share: float | None = None) -> str:
        """The path of a result file, relative to the repository.

        Args:
            kind: the kind of result.
            share: the share of the phase of a rollout; by default the newest phase that has a result.
        """
        if kind != "rollout":
            return f"{self.path}/results/{kind}.json"
        newest = self.rollout_shares[-1] if self.rollout_shares else None
        share = newest if share is None else share
        return f"{self.path}/results/{f'{ROLLOUT}*.json' if share is None else rollout_file(share)}"

    @property
    def rollout_shares(self) -> tuple[float, ...]:
        """The shares of the phases that have a result file, in order."""
        shares = (share_of_file(name) for name in self.result_files if name.startswith(ROLLOUT))
        return tuple(sorted(share for share in shares if share is not None))

    @property
    def earlier_rollouts(self) -> Iterator[EarlierResult]:
        """The result files of the phases of earlier releases, in order."""
        folders = (re.fullmatch(rf"{RELEASE}([1-9][0-9]{{0,5}})", name) for name in self.result_files)
        for number in sorted(int(found[1]) for found in folders if found is not None):
            folder = f"{self.path}/results/{RELEASE}{number}"
            shares = map(share_of_file, self.files_of_results(f"{RELEASE}{number}"))
            for share in sorted(share for share in shares if share is not None):
                yield EarlierResult(number, share, f"{folder}/{rollout_file(share)}")

    @overload
    def result(self, kind: Literal["lift"]) -> LiftResult | None: ...
    @overload
    def result(self, kind: Literal["experiment"]) -> ExperimentResult | None: ...
    @overload
    def result(self, kind: Literal["rollout"], share: float | None = None) -> RolloutResult | None: ...
    @overload
    def result(self, kind: ResultKind, share: float | None = None) -> AnyResult | None: ...
    def result(self, kind: ResultKind, share: float | None = None) -> AnyResult | None:
        """The iteration's result of a kind; None if there is no such file.

        Args:
            kind: the kind of result.
            share: the share of the phase of a rollout; by default the newest phase that has a result.

        Raises:
            DataError: the file is not a valid result of that kind.
        """
        path = self.result_path(kind, share)
        if path.rpartition("/")[2] not in self.result_files:
            return None
        try:
            return self.read_result(path, kind)
        except IterataError as error:
            raise self._with_whole_command(error, kind, share) from None

    def _with_whole_command(self, error: IterataError, kind: ResultKind, share: float | None) -> IterataError:
        """The error with a whole command; who reads the file does not know the iteration."""
        from iterata.results.foreign import how_to_write_again  # noqa: PLC0415  # imports all models

        arguments = self.ref if share is None else f"{self.ref} --phase {in_percent(share)}"
        whole = how_to_write_again(kind, arguments)
        return error.replace(remedy=error.remedy.replace(how_to_write_again(kind), whole))

    @property
    def lift_result(self) -> LiftResult | None:
        """The expected lift; None if it is not computed, or its file is invalid (RES001)."""
        return None if self.unreadable_result("lift") else self.result("lift")

    @property
    def experiment_result(self) -> ExperimentResult | None:
        """The experiment's result; None if it was not run, or its file is invalid (RES001)."""
        return None if self.unreadable_result("experiment") else self.result("experiment")

    @property
    def rollout_results(self) -> dict[float, RolloutResult]:
        """The valid results of the rollout by the share of their phase, in order."""
        results = ((share, self.readable_rollout_result(share)) for share in self.rollout_shares)
        return {share: result for share, result in results if result is not None}

    def readable_rollout_result(self, share: float | None = None) -> RolloutResult | None:
        """The result of a phase, by default the newest one; None if there is none, or its file is invalid."""
        return None if self.unreadable_result("rollout", share) else self.result("rollout", share)

    def unreadable_result(self, kind: ResultKind, share: float | None = None) -> IterataError | None:
        """Why the result file of a kind cannot be read; None if it can, or if there is none."""
        try:
            self.result(kind, share)
        except ContentMissingError:
            raise
        except IterataError as error:
            return error
        return None

    def require_readable_results(self, *kinds: ResultKind) -> None:
        """Refuse to go on as if there were no result, if there is one that cannot be read.

        Raises:
            DataError: a result file is damaged, or of something else.
            NewerVersion: a newer version wrote it, and this one cannot read it.
        """
        for kind, share in self.result_slots(*kinds):
            self.result(kind, share)

    def result_slots(self, *kinds: ResultKind) -> Iterator[tuple[ResultKind, float | None]]:
        """Every result that the iteration can have, as its kind and, of a rollout, the share of its phase."""
        for kind in kinds or RESULT_STAGES:
            for share in self.rollout_shares if kind == "rollout" else (None,):
                yield kind, share

    def readable_result(self, kind: ResultKind) -> AnyResult | None:
        """The result of a kind; None if there is none, or its file is invalid (RES001)."""
        return None if self.unreadable_result(kind) else self.result(kind)

    @property
    def results(self) -> dict[ResultKind, SampleResult]:
        """The valid results of its lift and of its experiment, by kind."""
        lift, experiment = self.lift_result, self.experiment_result
        return {**({"lift": lift} if lift else {}), **({"experiment": experiment} if experiment else {})}
