"""What users get wrong around one iteration: a single message that can be acted on, and not a byte written.

`tests/end_to_end/test_mistakes.py` makes the common ones with the installed command on the example project;
here are the ones that take a knowledge base of a certain make.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from iterata.stages import Status

from ..helpers.git import Git

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..helpers.command_line import CommandLine
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
    """An assessment in the making, and a plan that nobody has seen."""
    base.grow("churn\n  requirements: approved\n  01-setup\n    assessment\n")
    base.write(DATA, HEADER + ROWS)
    base.document("churn/01-setup/proposal")
    return base


@pytest.fixture
def approved(churn: KnowledgeBase, iterata: CommandLine) -> Callable[[dict[str, Any]], KnowledgeBase]:
    """Bring the plan, with changes, to its approval, and commit."""

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
    """What a command says that exits with 1; that it is one message, and that nothing was written."""
    before = base.files()
    done = iterata(*words)
    assert done.code == 1, done.said
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.count("error: ") == 1, done.err
    assert done.err.count("fix: ") == 1, done.err
    assert base.files() == before
    return done.err


def configured(text: str | bytes) -> Mistake:
    return lambda base: base.write("mkdocs.yml", text)


def option(text: str) -> Mistake:
    return configured(f"site_name: Ours\nplugins:\n  - iterata:\n      {text}\n")


@pytest.mark.parametrize(
    ("mistake", "said", "mend"),
    [
        (configured("site_name: Ours\n"), "the plugin iterata is not listed", "add `- iterata`"),
        (configured("plugins: [iterate]\n"), "is not listed", "write `iterata` instead of `iterate`"),
        (configured("plugins: [{Iterata: {}}]\n"), "is not listed", "write `iterata` instead of `Iterata`"),
        (configured("- a list\n"), "the plugin iterata is not listed", "under `plugins:`"),
        (configured(b"site_name: caf\xe9\n"), "mkdocs.yml: error: cannot be read", "encoding UTF-8"),
        (configured("site_name: a: b\n"), "mkdocs.yml:1: error: not valid YAML", "mend this line"),
        (configured("plugins: [{iterata: 3}]\n"), "must be a block of options", "`option: value`"),
        (option("projects_dri: x"), "unknown key `projects_dri`", "did you mean `projects_dir`?"),
        (option("projects_dir: ../x"), "must be a relative path", "The folder of the projects"),
        (option("projects_dir: ."), "must be a folder below", "The folder of the projects"),
        (option("required_roles: {memo: [product]}"), "`memo` is not one of", "requirements"),
        (option("severity: {DOC001: loud}"), "`loud` is not one of", "error, warning, ignore"),
    ],
)
def test_a_configuration_that_is_none(
    churn: KnowledgeBase, iterata: CommandLine, mistake: Mistake, said: str, mend: str
) -> None:
    mistake(churn)
    told = refused(churn, iterata, "status")
    assert said in told
    assert mend in told


@pytest.mark.parametrize("typed", ["chu", "churn/0", "01", "churn"])
def test_a_name_that_may_mean_several_lists_them(
    churn: KnowledgeBase, iterata: CommandLine, typed: str
) -> None:
    churn.grow("churn\n  02-data\n    proposal\nchurners\n  01-setup\n    assessment\n")
    told = refused(churn, iterata, "lift", typed)
    assert "several iterations answer to that name" in told
    assert "churn/01-setup, ch" in told


@pytest.mark.parametrize("typed", ["", "..", "churn/07", "/etc", "wine/01", "café"])
def test_a_name_that_means_nothing_lists_what_there_is(
    churn: KnowledgeBase, iterata: CommandLine, typed: str
) -> None:
    for verb in ("lift", "run", "report"):
        assert "name one of: churn/01-setup" in refused(churn, iterata, verb, typed)


def emptied(base: KnowledgeBase) -> None:
    shutil.rmtree(base.root / "projects")
    (base.root / "projects").mkdir()


def a_file(base: KnowledgeBase) -> None:
    shutil.rmtree(base.root / "projects")
    base.write("projects", "a file\n")


@pytest.mark.parametrize("mistake", [emptied, a_file, option("projects_dir: nowhere")])
def test_without_projects_every_command_says_how_to_begin(
    churn: KnowledgeBase, iterata: CommandLine, mistake: Mistake
) -> None:
    mistake(churn)
    before = churn.files()
    checked = iterata("check")
    assert (checked.code, checked.out.count("TREE001"), checked.err) == (1, 1, "1 problem in 1 file\n")
    assert "begin one with `iterata new project NAME`" in checked.out
    shown = iterata("status")
    assert (shown.code, shown.out) == (0, "")
    assert "begin one with `iterata new project NAME`" in shown.err
    assert "begin one with `iterata new project NAME`" in refused(
        churn, iterata, "new", "iteration", "churn", "--kind", "setup"
    )
    refused(churn, iterata, "lift", "churn/01")
    assert churn.files() == before


@pytest.mark.parametrize("place", ["projects", "projects/wine"])
def test_a_file_in_the_place_of_a_folder_is_told_as_such(
    churn: KnowledgeBase, iterata: CommandLine, place: str
) -> None:
    shutil.rmtree(churn.root / "projects")
    churn.write(place, "a file\n")
    assert "a file in a folder's place" in refused(churn, iterata, "new", "project", "wine")


def test_a_folder_in_the_place_of_a_document_is_one_problem_of_it(
    churn: KnowledgeBase, iterata: CommandLine
) -> None:
    churn.result("churn/01-setup", "lift")
    (churn.root / ASSESSMENT).unlink()
    (churn.root / ASSESSMENT).mkdir()
    (found,) = [problem for problem in churn.problems() if problem.path == ASSESSMENT]
    assert (found.code, found.message) == ("TREE006", "cannot be read: Is a directory")
    assert iterata("status").code == 0


def data(text: str | bytes) -> Mistake:
    return lambda base: base.write(DATA, text)


def a_folder(base: KnowledgeBase) -> None:
    (base.root / DATA).unlink()
    (base.root / DATA).mkdir()


def a_link_outward(base: KnowledgeBase) -> None:
    (base.root / DATA).rename(base.root.parent / "elsewhere.csv")
    (base.root / DATA).symlink_to(base.root.parent / "elsewhere.csv")


def gone(base: KnowledgeBase) -> None:
    (base.root / DATA).unlink()
    base.set("churn/01-setup/assessment", "lift.data.made_by", "make customers")


def assessed(field: str, value: Any) -> Mistake:
    return lambda base: base.set("churn/01-setup/assessment", field, value)


@pytest.mark.parametrize(
    ("mistake", "said", "mend"),
    [
        (gone, "the data file does not exist", "make it with `make customers`"),
        (a_folder, "is a folder, not a data file", "name a file in it"),
        (a_link_outward, "leads outside the repository", "below the repository's folder"),
        (data(""), "is empty", "make it again with a header line"),
        (data(HEADER), "holds no rows", "make it again"),
        (data(b"\xff\xfe\x00" * 20), "is not UTF-8 text", "as UTF-8 text"),
        (data(HEADER.encode() + "1,2,café,1\n".encode("latin-1")), "is not UTF-8 text", "as UTF-8 text"),
        (data(f"{HEADER}1,2,red,1\n1,2,3,4,5\n"), "Expected 4 fields in line 3, saw 5", "between the fields"),
        (data((HEADER + ROWS).replace(",", ";")), "there is no column left", "with commas between"),
        (data(f"newnes,age,tariff,left\n{ROWS}"), "there is no column newness", "did you mean newnes?"),
        (data(f"newness,newness,age,left\n{ROWS}"), "there are two columns newness", "its own name"),
        (
            data(f"{HEADER},2,red,1\n{ROWS}"),
            "`newness` is not a finite number",
            "if_missing(newness",
        ),
        (
            data(f"{HEADER}nan,2,red,1\n{ROWS}"),
            "`newness` is not a finite number",
            "fill the gaps",
        ),
        (
            data(f"{HEADER}inf,2,red,1\n{ROWS}"),
            "`newness` is not a finite number",
            "fill the gaps",
        ),
        (data(f"{HEADER}new,2,red,1\n{ROWS}"), "`newness` holds text, such as new", "correct the file"),
        (data(f"{HEADER}1,2,red,\n{ROWS}"), "`left` is empty in 1 of 61 rows", "remove those rows"),
        (assessed("lift.data.target", "lef"), "there is no column lef", "did you mean left?"),
        (
            assessed("lift.data.positive", "yes"),
            "`left` has no value `yes`; it has: 0, 1",
            "set `positive:`",
        ),
        (assessed("lift.data.unit_id", "home"), "no column home, which `unit_id` names", "use one of"),
        (assessed("lift.data.status_quo", {"rule": "newnes * 2"}), "no column newnes", "did you mean newn"),
        (assessed("lift.data.status_quo", {"rule": "age / 0"}), "`status_quo.rule`", "avoid division by 0"),
    ],
)
def test_data_that_cannot_be_used(
    churn: KnowledgeBase, iterata: CommandLine, mistake: Mistake, said: str, mend: str
) -> None:
    mistake(churn)
    told = refused(churn, iterata, "lift", "churn/01")
    assert told.startswith(f"{DATA}: error: ")
    assert said in told
    assert mend in told


LOGISTIC = {"name": "logistic", "estimator": "sklearn.linear_model.LogisticRegression", "features": "all"}


def variant(**changes: Any) -> dict[str, Any]:
    return {"plan.variants": [LOGISTIC | changes]}


@pytest.mark.parametrize(
    ("changes", "said", "mend"),
    [
        (variant(estimator="sklearn.linear_model.LogisticRegresion"), "has no Log", "LogisticRegression?"),
        (variant(estimator="sklearn.linaer_model.Ridge"), "there is no module", "mean sklearn.linear_model?"),
        (variant(estimator="sklearn.linear_model.LinearRegression"), "is not a classifier", "name a classif"),
        (variant(params={"Cee": 1}), "LogisticRegression has no parameter Cee", "it takes penalty, C,"),
        ({"plan.features": {"all": ["newnes"]}}, "'newnes' matches no column", "did you mean newness?"),
        ({"plan.segments": ["tarif"]}, "there is no column tarif, which `plan.segments`", "mean tariff?"),
        (
            {"plan.target.positive": "yes"},
            "`left` has no value `yes`; it has: 0, 1",
            "set `positive:`",
        ),
        ({"plan.metrics.secondary": [{"metric": "roc_acu"}]}, "roc_acu is not a scikit", "mean roc_auc?"),
        ({"plan.segments": ["left"]}, "left is what is predicted", "known before the outcome is"),
    ],
)
def test_nobody_agrees_to_a_plan_that_cannot_be_carried_out(
    churn: KnowledgeBase, iterata: CommandLine, changes: dict[str, Any], said: str, mend: str
) -> None:
    in_review(churn, iterata, changes)
    told = refused(churn, iterata, *APPROVE)
    assert said in told
    assert mend in told


@pytest.mark.parametrize(
    ("changes", "said", "mend"),
    [
        (variant(estimator="os.system"), "os.system is not a scikit-learn estimator", "name an estimator's"),
        (variant(params={"C": -1}), "must be a float in the range (0.0, inf]", "change its parameters"),
    ],
)
def test_a_plan_that_only_a_run_can_refuse(
    approved: Callable[[dict[str, Any]], KnowledgeBase],
    iterata: CommandLine,
    changes: dict[str, Any],
    said: str,
    mend: str,
) -> None:
    """Whatever is no part of scikit-learn is not even loaded before, and nothing is trained."""
    told = refused(approved(changes), iterata, *RUN)
    assert said in told
    assert mend in told


def spoilt(base: KnowledgeBase) -> None:
    base.write(PROPOSAL, base.read(PROPOSAL).encode().replace(b"Habits", b"Habit\xe9", 1))


@pytest.mark.parametrize(
    ("mistake", "said", "mend"),
    [
        (lambda base: base.change(DATA, "blue", "grey"), "is not the file that was approved", "restore the"),
        (lambda base: (base.root / DATA).unlink(), "the data file does not exist", "put the file there"),
        (lambda base: base.change(PROPOSAL, "seed: 1", "seed: 2"), "PLAN003", "take the change back"),
        (spoilt, "DOC001  not UTF-8: byte 0xe9", "with the encoding UTF-8"),
        (lambda base: shutil.rmtree(base.root / ".git"), "there is no commit yet", "commit the approved"),
    ],
)
def test_a_plan_that_was_approved_but_is_no_longer_what_it_was(
    approved: Callable[[dict[str, Any]], KnowledgeBase],
    iterata: CommandLine,
    mistake: Mistake,
    said: str,
    mend: str,
) -> None:
    churn = approved({})
    mistake(churn)
    told = refused(churn, iterata, *RUN)
    assert said in told
    assert mend in told


def test_a_folder_in_the_place_of_a_result(
    approved: Callable[[dict[str, Any]], KnowledgeBase], iterata: CommandLine
) -> None:
    churn = approved(variant() | {"plan.split.folds": 2, "plan.split.repeats": 1, "plan.resamples": 200})
    (churn.root / FOLDER / "results/experiment.json").mkdir()
    assert "a folder in a file's" in refused(churn, iterata, *RUN)
    assert "is a directory" in refused(churn, iterata, "report", "churn/01").lower()


@pytest.mark.parametrize("verb", ["move", "affirm"])
def test_a_document_that_cannot_be_read_is_said_to_be_one(
    approved: Callable[[dict[str, Any]], KnowledgeBase], iterata: CommandLine, verb: str
) -> None:
    churn = approved({})
    spoilt(churn)
    words = (verb, PROPOSAL, "superseded") if verb == "move" else (verb, PROPOSAL)
    assert "DOC001" in refused(churn, iterata, *words)


@pytest.mark.parametrize("words", [("check", "--base", "main"), ("summary", "--base", "HEAD")])
def test_with_nothing_committed_there_is_nothing_to_compare_with(
    churn: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...]
) -> None:
    assert "commit first" in refused(churn, iterata, *words)
    Git(churn.root)
    assert "commit first" in refused(churn, iterata, *words)
