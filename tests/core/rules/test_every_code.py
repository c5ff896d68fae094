"""Every rule and every gate: a change that it refuses, and changes that it accepts."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from iterata.actions.prefill import from_results
from iterata.repository import config
from iterata.repository.projects import Repository
from iterata.rules.catalogue import RULES

from .example_base import (
    EXPERIMENT,
    Base,
    Edit,
    all_of,
    explored,
    move,
    released,
    remove,
    replace,
    result,
    rollout_result,
    without,
    write,
    written_by_newer,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.golden import Golden


@pytest.fixture
def base(tmp_path: Path) -> Base:
    return Base(tmp_path)


DECIDED_DEPLOY = replace("01-setup/report.md", "outcome: iterate", "outcome: deploy")

_SIGN = {"name": "MOSTYPE", "measure": "roc_auc", "value": 0.99}

_RUN_WITH_A_SIGN = result(
    "01-setup/results/experiment.json", leaks=[{"sign": "column_tells_target", "found": [_SIGN]}]
)


def _answering(sign: str) -> Edit:
    answer = f"\nleaks: [{{sign: {sign}, answer: it is in the register a year before}}]\nfindings:"
    return replace("01-setup/report.md", "\nfindings:", answer)


_DATA = """  data:
    source: data/caravan.csv
    made_by: python projects/caravan-policies/get_data.py
    target: Purchase
    positive: "Yes"
    unit_id: customer
    status_quo: {column: MKOOPKLA, label: purchasing power}
"""

_ASSUMPTIONS = "  assumptions: {base_rate: 0.06, status_quo: {capture: 0.3}}\n"

_EARLIER = (
    "earlier: [{variant: logistic, phases: [{share: 1.0}], revert: {on: 2020-11-23, why: complaints}}]\n"
)

_DAY_TWICE = (
    '{\n"kind": "monitors",\n"schema_version": 1,\n"days": {\n'
    '  "2026-11-22": {"kept": {"verdict": "fine"}},\n  "2026-11-22": {"kept": {"verdict": "fine"}}\n}\n}\n'
)

REFUSED: dict[str, Edit] = {
    "DOC001": lambda base: (base.project / "requirements.md").write_bytes(b"\xff") and None,
    "DOC002": write("requirements.md", "# Churn\n"),
    "DOC003": write("requirements.md", "---\na: b: c\n---\n"),
    "DOC004": replace(
        "requirements.md", "stage: requirements\n", "stage: requirements\nstage: requirements\n"
    ),
    "DOC005": write("requirements.md", "---\na: &a [*a]\n---\n"),
    "DOC006": replace("requirements.md", "model_kind:", "model_sort:"),
    "DOC007": replace("requirements.md", "model_kind: classification\n", ""),
    "DOC008": replace("requirements.md", "model_kind: classification", "model_kind: magic"),
    "DOC009": replace("requirements.md", "stage: requirements", "stage: report"),
    "TREE001": lambda base: shutil.rmtree(base.project),
    "TREE002": move("01-setup", "1-setup"),
    "TREE003": move("02-which-facts", "01-which-facts"),
    "TREE004": move("01-setup/report.md", "01-setup/reprot.md"),
    "TREE005": remove("requirements.md"),
    "TREE006": all_of(
        remove("01-setup/report.md"),
        lambda base: (base.project / "01-setup/report.md").symlink_to("/etc/hostname"),
    ),
    "EXPL001": explored("map.svg", "<svg" + 1_000_000 * " " + "</svg>"),
    "EXPL002": explored("age.png", "version https://git-lfs.github.com/spec/v1\n"),
    "EXPL003": all_of(
        explored("age.svg", "<svg></svg>"),
        explored("README.md", "---\nexploration: [{file: ages.svg, shows: Age.}]\n---\n"),
    ),
    "TREE017": lambda base: (base.root / ".gitmodules").write_text(
        "path = projects/caravan-policies", "utf-8"
    ),
    "LIFE001": replace("01-setup/experiment.md", "status: completed", "status: approved"),
    "LIFE002": remove("01-setup/experiment.md"),
    "LIFE003": replace("02-which-facts/proposal.md", "kind: feature", "kind: algorithm"),
    "LIFE004": replace("02-which-facts/proposal.md", "follows: 01-setup", "follows: 01-baseline"),
    "PLAN001": replace("01-setup/proposal.md", "    - name: logistic, postcode", "    - name: random"),
    "PLAN002": replace("01-setup/assessment.md", "name: policies sold, unit", "name: letters opened, unit"),
    "PLAN003": replace("01-setup/proposal.md", "by: 10", "by: 1"),
    "PLAN004": replace("01-setup/proposal.md", 'positive: "Yes"', 'positive: "No"'),
    "PLAN005": all_of(
        replace("01-setup/assessment.md", _DATA, _ASSUMPTIONS),
        replace("01-setup/proposal.md", "  status_quo: {column: MKOOPKLA, label: purchasing power}\n", ""),
    ),
    "PLAN006": replace(
        "01-setup/proposal.md",
        "    - name: logistic, postcode",
        "    - stop_below: 0.1\n      name: logistic, postcode",
    ),
    "PLAN007": all_of(
        replace("01-setup/proposal.md", "status: approved", "status: draft"),
        result("01-setup/results/lift.json", gain_error=8.0),
    ),
    "PLAN008": replace(
        "02-which-facts/proposal.md", "four_facts: [PPERSAUT", "four_facts: [MOSTYPE, PPERSAUT"
    ),
    "PLAN009": replace("02-which-facts/proposal.md", "  metrics:", "  drop_reasons: {x: why}\n  metrics:"),
    "PLAN010": replace(
        "01-setup/proposal.md",
        "    - name: logistic, postcode",
        "    - uplift: two_models\n      name: logistic, postcode",
    ),
    "PLAN011": replace(
        "01-setup/proposal.md",
        "    - name: logistic, postcode",
        "    - decide: most_valuable\n      name: logistic, postcode",
    ),
    "PLAN012": all_of(
        replace("01-setup/assessment.md", "kind: targeting,", "kind: class_value,"),
        replace("01-setup/assessment.md", ", budget: 0.2, spend: forced}", "}"),
        replace("01-setup/assessment.md", '    positive: "Yes"\n', ""),
    ),
    "LIFE020": replace("01-setup/assessment.md", "unit: policies", "unit: EUR"),
    "LIFE021": replace("01-setup/report.md", "by: [{role: product}", "by: [{role: prodct}"),
    "LIFE022": lambda base: base.deploy("planned", state="not_needed"),
    "LIFE023": replace("requirements.md", "status: approved", "status: abandoned"),
    "LIFE024": all_of(
        without("02-which-facts/report.md", "decision"),
        replace("03-combinations/assessment.md", "status: approved", "status: draft"),
    ),
    "REF001": replace("02-which-facts/report.md", "  - id: F2", "  - id: F1"),
    "REF002": replace(
        "02-which-facts/report.md", "results/experiment.json, H3:", "results/experiment.json, H8:"
    ),
    "RES001": write("01-setup/results/experiment.json", '{"kind": "experiment"}'),
    "DOC020": replace("01-setup/report.md", "stage: report\n", "stage: report\nschema_version: 2\n"),
    "RES030": result("01-setup/results/experiment.json", schema_version=2),
    "RES031": written_by_newer(new_key=1),
    "RES002": result("01-setup/results/experiment.json", plan_digest="sha256:" + "0" * 64),
    "RES003": replace("01-setup/report.md", "| perfect ", "| nearly perfect "),
    "RES004": replace("01-setup/report.md", "<!-- iterata:end experiment -->", ""),
    "DOC010": replace("01-setup/report.md", "\n## ", f"\n{'[' * 30_000}\n\n## "),
    "RES040": all_of(
        lambda base: base.deploy("planned"),
        write("01-setup/results/monitors.json", _DAY_TWICE),
    ),
    "RES020": replace(EXPERIMENT, '"high": 96.90544', '"high": 80.0'),
    "RES021": replace(EXPERIMENT, '"gain": 23.54003', '"gain": 33.54003'),
    "RES022": replace(EXPERIMENT, '"rows": 5822', '"rows": 58220'),
    "RES023": replace(EXPERIMENT, '"verdict": "inconclusive"', '"verdict": "supported"'),
    "RES024": replace(EXPERIMENT, '"seed": 2000', '"seed": 7'),
    "RES025": replace(EXPERIMENT, '"dirty": false', '"dirty": true'),
    "RES026": all_of(
        replace("01-setup/experiment.md", "status: completed", "status: planned"),
        without("01-setup/experiment.md", "started"),
        without("01-setup/experiment.md", "ended"),
    ),
    "REL001": released("{share: 0.1, started: 2026-11-02}, {share: 0.5, started: 2026-11-09}"),
    "REL002": released("{share: 0.1, hold: {days: 10}}"),
    "REL003": released("{share: 0.1}", holdout=0.05),
    "REL004": released("{share: 0.1}", metrics="{policies sold: {of: sold}}"),
    "REL005": all_of(released("{share: 0.1}"), rollout_result(0.2)),
    "REL006": all_of(
        released(
            "{share: 0.1, started: 2026-11-02, ended: 2026-11-09, "
            "override: {on: 2026-11-09, advice: hold, reason: We cannot wait.}}"
        ),
        rollout_result(0.1, advice="revert"),
    ),
    "REL007": all_of(lambda base: base.deploy("planned"), remove(EXPERIMENT)),
    "REL008": released("{share: 0.1, started: 2999-01-01}"),
    "SUSP001": replace("requirements.md", "model_kind: classification", "model_kind: ranking"),
    "REP001": replace("01-setup/report.md", "verdict: inconclusive", "verdict: refuted"),
    "GATE001": replace("requirements.md", "business_problem: >-\n  ", "business_problem: >-\n  TODO: "),
    "GATE002": replace("requirements.md", "{role: product, on", "{role: engineering, on"),
    "GATE003": replace("requirements.md", "status: approved", "status: in_review"),
    "GATE004": remove("01-setup/results/lift.json"),
    "GATE005": replace("01-setup/report.md", "outcome: iterate", "outcome: stop"),
    "GATE006": replace("01-setup/assessment.md", "recommendation: go", "recommendation: no_go"),
    "GATE007": replace("01-setup/proposal.md", "status: approved", "status: in_review"),
    "GATE008": remove("01-setup/results/experiment.json"),
    "GATE009": replace("01-setup/experiment.md", "status: completed", "status: stopped"),
    "GATE010": replace("01-setup/experiment.md", "status: completed", "status: running"),
    "GATE011": replace("01-setup/report.md", "  - id: H1\n", "  - id: H9\n"),
    "GATE012": without("01-setup/report.md", "decision"),
    "GATE013": lambda base: base.deploy("rolling_out"),
    "GATE014": all_of(DECIDED_DEPLOY, lambda base: base.deploy("deployed", state="todo")),
    "GATE015": all_of(DECIDED_DEPLOY, lambda base: base.deploy("reverted")),
    "GATE016": replace("03-combinations/proposal.md", "status: approved", "status: abandoned"),
    "GATE022": all_of(DECIDED_DEPLOY, released("{share: 0.1, started: 2026-11-02, ended: 2026-11-09}")),
    "GATE023": lambda base: base.deploy("planned", _EARLIER),
    "GATE017": replace("03-combinations/proposal.md", "status: approved", "status: superseded"),
    "GATE018": replace(
        "requirements.md", "model_kind: classification", "revision: 2\nmodel_kind: classification"
    ),
    "GATE019": all_of(_RUN_WITH_A_SIGN, _answering("copy_of_target")),
    "GATE020": all_of(
        replace("requirements.md", "status: approved", "status: in_review"),
        replace(
            "requirements.md", "{role: product, on", f"{{role: product, content: 'sha256:{'0' * 64}', on"
        ),
    ),
}

ACCEPTED: dict[str, Edit] = {
    "GATE013": all_of(DECIDED_DEPLOY, lambda base: base.deploy("rolling_out")),
    "GATE014": all_of(DECIDED_DEPLOY, lambda base: base.deploy("deployed")),
    "GATE015": all_of(
        DECIDED_DEPLOY, lambda base: base.deploy("reverted", "revert: {on: 2026-11-23, why: complaints}\n")
    ),
    "GATE016": replace(
        "03-combinations/proposal.md",
        "status: approved",
        "abandoned: {on: 2026-11-23, why: withdrawn, "
        "findings: [{id: F1, kind: insight, statement: s, evidence: e}]}\nstatus: abandoned",
    ),
    "GATE017": replace(
        "03-combinations/proposal.md",
        "status: approved",
        "superseded_by: 02-which-facts/proposal.md\nstatus: superseded",
    ),
    "GATE018": replace(
        "requirements.md",
        "model_kind: classification",
        "revision: 2\nrevisions: [{revision: 2, on: 2026-11-23, reason: a new market}]\n"
        "model_kind: classification",
    ),
    "GATE019": all_of(_RUN_WITH_A_SIGN, _answering("column_tells_target")),
    "PLAN004": replace(
        "01-setup/proposal.md",
        '    positive: "Yes"',
        '    positive: "No"\n  override_reason: the register changed',
    ),
    "PLAN005": replace("01-setup/assessment.md", _DATA, _ASSUMPTIONS),
    "PLAN007": result("01-setup/results/lift.json", gain_error=8.0),
    "LIFE020": all_of(
        replace("01-setup/assessment.md", "unit: policies", "unit: EUR"),
        replace("01-setup/assessment.md", "recommendation: go", "override_reason: worth\nrecommendation: go"),
    ),
    "PLAN008": all_of(
        replace("02-which-facts/proposal.md", "four_facts: [PPERSAUT", "four_facts: [MOSTYPE, PPERSAUT"),
        replace("02-which-facts/proposal.md", "  metrics:", "  drop_reasons: {MOSTYPE: ordered}\n  metrics:"),
    ),
    "EXPL001": explored("map.svg", "<svg" + 10_000 * " " + "</svg>"),
    "EXPL002": explored("age.svg", '<?xml version="1.0"?><svg/>'),
    "EXPL003": all_of(
        explored("age.svg", "<svg></svg>"),
        explored("README.md", "---\nmade_by: look.py\nexploration: [{file: age.svg, shows: Age.}]\n---\n"),
    ),
    "TREE004": explored("report.md", "# No document of a stage\n"),
    "REP001": replace(
        "01-setup/report.md",
        "verdict: inconclusive",
        "verdict: refuted\n    override_reason: a pilot said so",
    ),
}
"""Changes that a code accepts, besides the example as it is."""

TESTED_IN_REVIEW = {
    "REVIEW010",
    "REVIEW011",
    "REVIEW012",
    "GATE021",
    "MOVE001",
    "MOVE002",
    "MOVE003",
    "MOVE004",
    "REVIEW001",
    "SCOPE001",
    "SCOPE002",
    "SCOPE003",
    "MOVE005",
    "MOVE006",
    "MOVE007",
    "MOVE008",
    "TREE007",
}
"""Codes that need two revisions; tests/core/review tests them."""


WORDED_ELSEWHERE = {"TREE006", "PLAN001", "PLAN002", "RES001", "RES003", "RES004", "RES030", "RES031"}
"""Codes whose messages come from other rooms, as do those of front matter."""


def test_example_has_no_problems(base: Base) -> None:
    assert base.codes() == set()


def test_every_code_is_tested() -> None:
    assert set(REFUSED) | TESTED_IN_REVIEW == set(RULES)


@pytest.mark.parametrize("code", REFUSED)
def test_problem_is_found(base: Base, code: str) -> None:
    REFUSED[code](base)
    assert code in base.codes()


def test_wording_of_problems(tmp_path: Path, golden: Golden) -> None:
    texts = []
    for code, spoil in REFUSED.items():
        if code.startswith("DOC") or code in WORDED_ELSEWHERE:
            continue
        base = Base(tmp_path / code)
        spoil(base)
        texts += sorted({str(problem) for problem in base.problems() if problem.code == code})[:1]
    golden.check("problems", "\n".join(texts))


@pytest.mark.parametrize("code", ACCEPTED)
def test_correct_change_is_accepted(base: Base, code: str) -> None:
    ACCEPTED[code](base)
    assert code not in base.codes()


def test_unexplained_revert_closes_the_gate_of_the_next_iteration(base: Base) -> None:
    base.deploy("reverted", "revert: {on: 2026-11-23, why: complaints}\n")
    assert "GATE005" in base.codes()
    finding = "{id: P1, kind: risk, statement: s, evidence: e}"
    post_mortem = f"post_mortem: {{what_happened: w, why: y, findings: [{finding}]}}\nsummary:"
    base.edit("01-setup/report.md", "summary:", post_mortem)
    assert "GATE005" not in base.codes()


def test_new_report_asks_about_each_sign_of_a_leak(base: Base) -> None:
    _RUN_WITH_A_SIGN(base)
    (folder,) = [
        folder
        for project in Repository.on_disk(config.load(base.root)).projects
        for folder in project.iterations
        if folder.name == "01-setup"
    ]
    leaks = from_results(folder)["leaks"]
    assert isinstance(leaks, list)
    assert [entry["sign"] for entry in leaks] == ["column_tells_target"]
