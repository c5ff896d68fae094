"""Mistakes of users: one message with one fix, and nothing is written.

The messages are in golden files. `tests/end_to_end/test_mistakes.py` makes the most common mistakes with the
installed command on the example project; the mistakes here need a special knowledge base.
"""

from __future__ import annotations

import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Status

from ..helpers.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..helpers.command_line import CommandLine
    from ..helpers.golden import Golden
    from ..helpers.knowledge_base import KnowledgeBase

    Mistake = Callable[[KnowledgeBase], object]

FOLDER = "projects/churn/01-setup"
ASSESSMENT, PROPOSAL = f"{FOLDER}/assessment.md", f"{FOLDER}/proposal.md"
DATA = "projects/churn/data/customers.csv"
HEADER = "newness,age,tariff,left\n"
ROWS = "".join(f"{n % 7},{n % 90},{'blue' if n % 2 else 'red'},{n * n % 5 % 2}\n" for n in range(60))
RUN = ("run", "churn/01", "--jobs", "1")
APPROVE = ("move", PROPOSAL, "approved", "--as", "product", "--as", "data science")


@pytest.fixture
def churn(base: KnowledgeBase) -> KnowledgeBase:
    """A draft assessment and a draft proposal."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.write(DATA, HEADER + ROWS)
    base.document("churn/01-setup/proposal")
    return base


@pytest.fixture
def approved(churn: KnowledgeBase, iterata: CommandLine) -> Callable[[dict[str, Any]], KnowledgeBase]:
    """Approve the plan with changes, and commit."""

    def approve(changes: dict[str, Any]) -> KnowledgeBase:
        in_review(churn, iterata, changes)
        iterata(*APPROVE).fine()
        churn.in_git()
        return churn

    return approve


def in_review(churn: KnowledgeBase, iterata: CommandLine, changes: dict[str, Any]) -> None:
    churn.document("churn/01-setup/assessment", Status.APPROVED)
    churn.result("churn/01-setup", "lift")
    churn.document("churn/01-setup/proposal")
    for field, value in changes.items():
        churn.set("churn/01-setup/proposal", field, value)
    iterata("move", PROPOSAL, "in_review").fine()


def refused(base: KnowledgeBase, iterata: CommandLine, *words: str) -> str:
    """The message of a command that exits with 1 and one fix, and writes nothing."""
    before = base.files()
    done = iterata(*words)
    assert done.code == 1, done.output
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.count("error: ") == 1, done.err
    assert done.err.count("fix: ") == 1, done.err
    assert base.files() == before
    return done.err.rstrip("\n")


FOREIGN = {"not UTF-8", "not YAML", "too many fields", "unknown parameter", "parameter out of range"}
"""Mistakes whose message quotes another library; it differs between versions."""


def check_golden(golden: Golden, group: str, name: str, message: str) -> None:
    if name not in FOREIGN:
        without_times = re.sub(r"^\d{4}-\S+Z run: ", "", message, flags=re.MULTILINE)
        golden.check(f"{group} {name}".replace(" ", "_"), without_times)


def configured(text: str | bytes) -> Mistake:
    return lambda base: base.write("mkdocs.yml", text)


def option(text: str) -> Mistake:
    return configured(f"site_name: Ours\nplugins:\n  - iterata:\n      {text}\n")


CONFIGURATIONS: dict[str, Mistake] = {
    "no plugins": configured("site_name: Ours\n"),
    "misspelt plugin": configured("plugins: [iterate]\n"),
    "capitalised plugin": configured("plugins: [{Iterata: {}}]\n"),
    "list": configured("- a list\n"),
    "not UTF-8": configured(b"site_name: caf\xe9\n"),
    "not YAML": configured("site_name: a: b\n"),
    "options not a mapping": configured("plugins: [{iterata: 3}]\n"),
    "unknown option": option("projects_dri: x"),
    "projects_dir above": option("projects_dir: ../x"),
    "projects_dir is root": option("projects_dir: ."),
    "unknown stage": option("required_roles: {memo: [product]}"),
    "unknown severity": option("severity: {DOC001: loud}"),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_invalid_configuration_is_refused(
    churn: KnowledgeBase, iterata: CommandLine, golden: Golden, name: str
) -> None:
    CONFIGURATIONS[name](churn)
    message = refused(churn, iterata, "status")
    assert message.startswith("mkdocs.yml")
    check_golden(golden, "configuration", name, message)


@pytest.mark.parametrize("typed", ["chu", "churn/0", "01", "churn"])
def test_ambiguous_iteration_name_lists_the_candidates(
    churn: KnowledgeBase, iterata: CommandLine, typed: str
) -> None:
    churn.grow("churn\n  02-data\n    proposal\nchurners\n  01-setup\n    assessment\n")
    assert "churn/01-setup, ch" in refused(churn, iterata, "lift", typed)


@pytest.mark.parametrize("typed", ["", "..", "churn/07", "/etc", "wine/01", "café"])
def test_unknown_iteration_name_lists_all_iterations(
    churn: KnowledgeBase, iterata: CommandLine, typed: str
) -> None:
    for verb in ("lift", "run", "report"):
        assert "churn/01-setup" in refused(churn, iterata, verb, typed)


def emptied(base: KnowledgeBase) -> None:
    shutil.rmtree(base.root / "projects")
    (base.root / "projects").mkdir()


def a_file(base: KnowledgeBase) -> None:
    shutil.rmtree(base.root / "projects")
    base.write("projects", "a file\n")


@pytest.mark.parametrize("mistake", [emptied, a_file, option("projects_dir: nowhere")])
def test_without_projects_every_command_names_the_command_to_start_one(
    churn: KnowledgeBase, iterata: CommandLine, mistake: Mistake
) -> None:
    mistake(churn)
    before = churn.files()
    start = "`iterata new project churn`"
    checked = iterata("check")
    assert (checked.code, checked.out.count("TREE001"), checked.err) == (1, 1, "1 problem in 1 file\n")
    assert start in checked.out
    status = iterata("status")
    assert (status.code, status.out) == (0, "")
    assert start in status.err
    assert start in refused(churn, iterata, "new", "iteration", "churn", "--kind", "setup")
    refused(churn, iterata, "lift", "churn/01")
    assert churn.files() == before


@pytest.mark.parametrize("place", ["projects", "projects/wine"])
def test_a_file_in_place_of_a_folder_is_refused(
    churn: KnowledgeBase, iterata: CommandLine, place: str
) -> None:
    shutil.rmtree(churn.root / "projects")
    churn.write(place, "a file\n")
    message = refused(churn, iterata, "new", "project", "wine").replace(str(churn.root), "")
    assert message.startswith("/projects/wine/requirements.md")


def test_a_folder_in_place_of_a_document_is_a_problem_of_it(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    churn.result("churn/01-setup", "lift")
    (churn.root / ASSESSMENT).unlink()
    (churn.root / ASSESSMENT).mkdir()
    (problem,) = [problem for problem in churn.problems() if problem.path == ASSESSMENT]
    assert problem.code == "TREE006"
    assert iterata("status").code == 0


def data(text: str | bytes) -> Mistake:
    return lambda base: base.write(DATA, text)


def a_folder(base: KnowledgeBase) -> None:
    (base.root / DATA).unlink()
    (base.root / DATA).mkdir()


def an_outward_link(base: KnowledgeBase) -> None:
    (base.root / DATA).rename(base.root.parent / "elsewhere.csv")
    (base.root / DATA).symlink_to(base.root.parent / "elsewhere.csv")


def gone(base: KnowledgeBase) -> None:
    (base.root / DATA).unlink()
    base.set("churn/01-setup/assessment", "lift.data.made_by", "make customers")


def assessed(field: str, value: Any) -> Mistake:
    return lambda base: base.set("churn/01-setup/assessment", field, value)


DATA_FILES: dict[str, Mistake] = {
    "missing": gone,
    "folder": a_folder,
    "outward link": an_outward_link,
    "empty": data(""),
    "no rows": data(HEADER),
    "binary": data(b"\xff\xfe\x00" * 20),
    "latin-1": data(HEADER.encode() + "1,2,café,1\n".encode("latin-1")),
    "too many fields": data(f"{HEADER}1,2,red,1\n1,2,3,4,5\n"),
    "semicolons": data((HEADER + ROWS).replace(",", ";")),
    "missing column": data(f"newnes,age,tariff,left\n{ROWS}"),
    "duplicate column": data(f"newness,newness,age,left\n{ROWS}"),
    "empty value": data(f"{HEADER},2,red,1\n{ROWS}"),
    "nan": data(f"{HEADER}nan,2,red,1\n{ROWS}"),
    "infinity": data(f"{HEADER}inf,2,red,1\n{ROWS}"),
    "text in a number": data(f"{HEADER}new,2,red,1\n{ROWS}"),
    "decimal comma": data(f'{HEADER}"0,5",2,red,1\n{ROWS}'),
    "empty target": data(f"{HEADER}1,2,red,\n{ROWS}"),
    "unknown target": assessed("lift.data.target", "lef"),
    "unknown positive": assessed("lift.data.positive", "yes"),
    "unknown unit_id": assessed("lift.data.unit_id", "home"),
    "unknown column of a rule": assessed("lift.data.status_quo", {"rule": "newnes * 2"}),
    "division by zero": assessed("lift.data.status_quo", {"rule": "age / 0"}),
}


@pytest.mark.parametrize("name", DATA_FILES)
def test_unusable_data_are_refused(
    churn: KnowledgeBase, iterata: CommandLine, golden: Golden, name: str
) -> None:
    DATA_FILES[name](churn)
    message = refused(churn, iterata, "lift", "churn/01")
    assert message.startswith((DATA, ASSESSMENT))
    check_golden(golden, "data", name, message)


LOGISTIC = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}


def variant(**changes: Any) -> dict[str, Any]:
    return {"plan.variants": [LOGISTIC | changes]}


PLANS: dict[str, dict[str, Any]] = {
    "misspelt estimator": variant(estimator="sklearn.linear_model.LogisticRegresion"),
    "misspelt module": variant(estimator="sklearn.linaer_model.Ridge"),
    "regressor": variant(estimator="sklearn.linear_model.LinearRegression"),
    "unknown parameter": variant(params={"Cee": 1}),
    "unknown feature": {"plan.features": {"all": ["newnes"]}},
    "unknown segment": {"plan.segments": ["tarif"]},
    "unknown positive": {"plan.target.positive": "yes", "plan.override_reason": "other labels"},
    "unknown metric": {"plan.metrics.secondary": [{"metric": "roc_acu"}]},
    "target as segment": {"plan.segments": ["left"]},
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_that_cannot_run_is_not_approved(
    churn: KnowledgeBase, iterata: CommandLine, golden: Golden, name: str
) -> None:
    in_review(churn, iterata, PLANS[name])
    check_golden(golden, "plan", name, refused(churn, iterata, *APPROVE))


RUNS: dict[str, dict[str, Any]] = {
    "not an estimator": variant(estimator="os.system"),
    "parameter out of range": variant(params={"C": -1}),
}


@pytest.mark.parametrize("name", RUNS)
def test_a_plan_that_fails_only_when_run_is_refused(
    approved: Callable[[dict[str, Any]], KnowledgeBase], iterata: CommandLine, golden: Golden, name: str
) -> None:
    """An approval imports no module outside scikit-learn, and trains nothing."""
    check_golden(golden, "run", name, refused(approved(RUNS[name]), iterata, *RUN))


def spoilt(base: KnowledgeBase) -> None:
    base.write(PROPOSAL, base.read(PROPOSAL).encode().replace(b"Habits", b"Habit\xe9", 1))


CHANGES_AFTER_APPROVAL: dict[str, Mistake] = {
    "data changed": lambda base: base.change(DATA, "blue", "grey"),
    "data missing": lambda base: (base.root / DATA).unlink(),
    "plan changed": lambda base: base.change(PROPOSAL, "seed: 1", "seed: 2"),
    "plan not UTF-8": spoilt,
    "no repository": lambda base: shutil.rmtree(base.root / ".git"),
}


@pytest.mark.parametrize("name", CHANGES_AFTER_APPROVAL)
def test_an_approved_plan_that_changed_does_not_run(
    approved: Callable[[dict[str, Any]], KnowledgeBase], iterata: CommandLine, golden: Golden, name: str
) -> None:
    churn = approved({})
    CHANGES_AFTER_APPROVAL[name](churn)
    check_golden(golden, "approved", name, refused(churn, iterata, *RUN))


def test_a_folder_in_place_of_a_result_is_refused(
    approved: Callable[[dict[str, Any]], KnowledgeBase], iterata: CommandLine
) -> None:
    churn = approved(variant() | {"plan.split.folds": 2, "plan.split.repeats": 1, "plan.resamples": 200})
    result = f"{FOLDER}/results/experiment.json"
    (churn.root / result).mkdir()
    assert result in refused(churn, iterata, *RUN)
    assert result in refused(churn, iterata, "report", "churn/01")


@pytest.mark.parametrize("verb", ["move", "affirm"])
def test_an_unreadable_document_is_reported(
    approved: Callable[[dict[str, Any]], KnowledgeBase], iterata: CommandLine, verb: str
) -> None:
    churn = approved({})
    spoilt(churn)
    words = (verb, PROPOSAL, "superseded") if verb == "move" else (verb, PROPOSAL)
    assert "DOC001" in refused(churn, iterata, *words)


@pytest.mark.parametrize("words", [("check", "--base", "main"), ("summary", "--base", "HEAD")])
def test_comparison_needs_a_commit(
    churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...]
) -> None:
    assert "commit first" in refused(churn, iterata, *words)
    Git(churn.root)
    assert "commit first" in refused(churn, iterata, *words)


def test_running_a_plan_that_is_a_draft_again_is_refused_with_one_fix(
    approved: Callable[[dict[str, Any]], KnowledgeBase], iterata: CommandLine
) -> None:
    base = approved({})
    base.change(PROPOSAL, "status: approved", "status: draft")
    assert "--draft" in refused(base, iterata, *RUN)


def test_assistants_need_the_extra(iterata: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ["mcp", *(name for name in sys.modules if name.startswith("mcp."))]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "iterata_cli.mcp_server", raising=False)
    done = iterata("mcp")
    assert (done.code, done.out) == (1, "")
    assert "fix: `pip install" in done.err
