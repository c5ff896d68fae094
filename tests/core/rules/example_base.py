"""A copy of the example project, and changes of it that rules refuse or accept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from iterata.documents import parse
from iterata.documents.edit import set_keys
from iterata.documents.models.enums import Advice, Requirement
from iterata.repository import config
from iterata.repository.iteration_results import rollout_file
from iterata.repository.projects import Repository
from iterata.results import Estimate, Provenance, to_json
from iterata.results.rollout import HoldState, MetricReading, RolloutResult
from iterata.rules.check import check
from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.problems import Problem

EXAMPLE = Path(__file__).parents[3] / "projects" / "caravan-policies"

EXPERIMENT = "01-setup/results/experiment.json"

Edit = Callable[["Base"], None]


class Base:
    """A copy of the example project, which has no problems."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.project = root / "projects" / "caravan-policies"
        shutil.copytree(EXAMPLE, self.project, ignore=shutil.ignore_patterns("data"))
        (root / "mkdocs.yml").write_text("site_name: x\nplugins: [iterata]\n", "utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        place = self.project / path
        text = place.read_text("utf-8")
        assert old in text, f"{old!r} is not in {path}"
        place.write_text(text.replace(old, new, 1), "utf-8")

    def deploy(
        self,
        status: str,
        more: str = "",
        state: str = "done",
        ended: str = ", started: 2026-11-16, ended: 2026-11-23",
        phases: str = "",
    ) -> None:
        """A deployment of the first iteration's best variant."""
        checklist = "".join(
            f"  {name}: {{state: {state}}}\n"
            for name in ("quality_assurance", "split_test", "phased_rollout", "simulation")
        )
        text = (
            f"---\nstage: deployment\ntitle: Release\nstatus: {status}\nowners: [engineering]\n"
            f"variant: logistic, both\n"
            f"checklist:\n{checklist}phases: [{phases or f'{{share: 1.0{ended}}}'}]\n"
            f"monitors: [{{name: policies, source: a dashboard, lower: 80}}]\n{more}---\n"
        )
        (self.project / "01-setup/deployment.md").write_text(text, "utf-8")

    def problems(self) -> list[Problem]:
        return check(Repository.on_disk(config.load(self.root)))

    def codes(self) -> set[str]:
        return {problem.code for problem in self.problems()}


def replace(path: str, old: str, new: str) -> Edit:
    return lambda base: base.edit(path, old, new)


def write(path: str, text: str) -> Edit:
    return lambda base: (base.project / path).write_text(text, "utf-8") and None


def explored(name: str, text: str) -> Edit:
    """A file of the exploration of the first iteration."""

    def change(base: Base) -> None:
        (base.project / "01-setup/exploration").mkdir(exist_ok=True)
        write(f"01-setup/exploration/{name}", text)(base)

    return change


def remove(path: str) -> Edit:
    return lambda base: (base.project / path).unlink()


def move(path: str, to: str) -> Edit:
    def change(base: Base) -> None:
        (base.project / path).rename(base.project / to)

    return change


def without(path: str, key: str) -> Edit:
    def change(base: Base) -> None:
        place = base.project / path
        document = parse(path, Stage(place.stem), place.read_bytes())
        place.write_text(set_keys(document, {key: None}), "utf-8")

    return change


def all_of(*edits: Edit) -> Edit:
    def change(base: Base) -> None:
        for edit in edits:
            edit(base)

    return change


def result(path: str, **changes: object) -> Edit:
    def change(base: Base) -> None:
        place = base.project / path
        place.write_text(json.dumps(json.loads(place.read_text("utf-8")) | changes), "utf-8")

    return change


def written_by_newer(**keys: object) -> Edit:
    """The result as a newer version of iterata would write it, with further keys."""

    def change(base: Base) -> None:
        path = EXPERIMENT
        provenance = json.loads((base.project / path).read_text("utf-8"))["provenance"]
        provenance["packages"]["iterata"] = "999.0"
        result(path, provenance=provenance, **keys)(base)

    return change


MEASURED = "{policies sold: {of: sold}, letters to older areas: {of: older}}"


def released(phases: str, metrics: str = MEASURED, **keys: object) -> Edit:
    """A deployment that is rolling out, with a split test."""
    more = "".join(f"{key}: {value}\n" for key, value in keys.items())
    split_test = (
        "split_test:\n  source: data/release.csv\n  arm: {column: arm, control: a, treatment: b}\n"
        f"  date: day\n  metrics: {metrics}\n"
    )
    return lambda base: base.deploy("rolling_out", f"{split_test}{more}", phases=phases)


SHOWN = MetricReading(
    name="policies sold",
    role="primary",
    method="mean",
    better="higher",
    phases=[],
    total=None,
    sequential=Estimate(value=1, low=0.5, high=1.5),
    state="better",
)


def rollout_result(share: float, advice: str = "advance") -> Edit:
    """The result of a phase, without figures."""
    result = RolloutResult(
        phase=share,
        spec_digest="sha256:0",
        variant="logistic, both",
        kpi=None,
        alpha=0.05,
        phases=[],
        metrics=[SHOWN],
        hold=HoldState(days=7, units=1000),
        requires=Requirement.NO_HARM,
        advice=Advice(advice),
        reason="as planned",
        provenance=Provenance(commit=None, dirty=True, data={}, packages={}, python="3.12"),
    )
    return write(f"01-setup/results/{rollout_file(share)}", to_json(result))
