"""RES025: a result names the data that were approved, and the commit and the packages that made it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iterata.documents.models.variants import FileVariant
from iterata.rules.figures.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iterata.documents.models.proposal import Plan
    from iterata.documents.models.rows import RowSource
    from iterata.results import ExperimentResult, SampleResult

CODE = "RES025"
ENGINES = ("local", "dask", "ray", "spark")
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_VERSION = re.compile(r"\d+[\w.+!-]*")


def data_faults(result: ExperimentResult, plan: Plan) -> Iterator[Fault]:
    """Data without a digest, with another digest than the approved one, or that the plan does not read."""
    data, digests = plan.data[0], result.provenance.data
    approved = {result.sample.source: data.digest}
    for variant in plan.variants:
        if isinstance(variant, FileVariant):
            names = [name for name in digests if _is_file(name, variant.source)]
            approved[names[0] if names else variant.source] = variant.digest
    yield from _source(result, data)
    for name, digest in approved.items():
        if (found := digests.get(name)) is None:
            yield Fault(CODE, ("provenance", "data"), f"has no digest of {name}")
        elif digest is not None and found != digest:
            yield Fault(CODE, ("provenance", "data", name), "is not the digest that was approved")
    for name in digests.keys() - approved.keys():
        yield Fault(CODE, ("provenance", "data", name), "is no data set of the plan")


def _is_file(name: str, source: str | None) -> bool:
    """Whether a result names a file of its project; the project's folder may have been renamed since."""
    return f"/{name}".endswith(f"/{source}")


def _source(result: SampleResult, data: RowSource) -> Iterator[Fault]:
    source = result.sample.source if result.sample else ""
    if data.query is None:
        if not _is_file(source, data.source):
            yield Fault(CODE, ("sample", "source"), f"is {source}, but the rows are in {data.source}")
    elif not source.startswith(f"query of {data.database or 'the project'}"):
        yield Fault(CODE, ("sample", "source"), f"is {source}, but the rows are those of a query")


def lift_data_faults(result: SampleResult, data: RowSource) -> Iterator[Fault]:
    """A lift whose rows have no digest, or are in another file than the assessment says."""
    yield from _source(result, data)
    if result.sample is not None and list(result.provenance.data) != [result.sample.source]:
        yield Fault(CODE, ("provenance", "data"), f"does not hold the digest of {result.sample.source} alone")


def run_faults(result: SampleResult) -> Iterator[Fault]:
    """A result of files that were not committed, or without commit or packages."""
    provenance = result.provenance
    if provenance.dirty:
        message = "is true: what the result was computed from is in no commit"
        yield Fault(CODE, ("provenance", "dirty"), message)
    if not provenance.commit:
        yield Fault(CODE, ("provenance", "commit"), "is missing: the result was computed outside of Git")
    if provenance.engine not in ENGINES:
        yield Fault(CODE, ("provenance", "engine"), f"{provenance.engine} is no engine")


def form_faults(result: SampleResult) -> Iterator[Fault]:
    """A commit, a digest or a version that is none, or steps that took a negative time."""
    provenance = result.provenance
    if provenance.commit is not None and not _COMMIT.fullmatch(provenance.commit):
        yield Fault(CODE, ("provenance", "commit"), f"{provenance.commit} is not the full name of a commit")
    for key, digests in (("data", provenance.data), ("code", provenance.code or {})):
        for name, digest in digests.items():
            if not _DIGEST.fullmatch(digest):
                yield Fault(CODE, ("provenance", key, name), f"{digest} is no digest")
    versions = {"packages.iterata": provenance.packages.get("iterata", ""), "python": provenance.python}
    for name, version in (*versions.items(), *_others(provenance.packages)):
        if not _VERSION.fullmatch(version):
            place = tuple(name.split(".", 1))
            yield Fault(CODE, ("provenance", *place), f"{version or 'nothing'} is no version")
    for step, seconds in provenance.seconds.items():
        if seconds < 0:
            yield Fault(CODE, ("provenance", "seconds", step), f"is {seconds:g}, but time passes")


def _others(packages: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"packages.{name}", version) for name, version in packages.items() if name != "iterata")
