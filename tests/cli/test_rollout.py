"""`iterata rollout` from the rows to the result, the page and the advice."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from iterata.actions.verify_rollout import verify_rollout
from iterata.repository.config import load
from iterata.repository.projects import Repository

from ..helpers.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iterata.results.comparison import Difference, Verification

    from ..helpers.golden import Golden
    from ..helpers.knowledge_base import KnowledgeBase

    Tables = Sequence[tuple[tuple[int, int], tuple[int, int]]]
    """For each phase the yes and no of the treated units, and of the others."""

FOLDER = "projects/churn/01-setup"
PAGE, RESULT = f"{FOLDER}/deployment.md", f"{FOLDER}/results/rollout-50.json"
DATA = "projects/churn/data/ab.csv"
TREE = """
churn
  requirements: approved
  01-setup
    assessment: approved
    proposal: approved
    experiment: completed
    report: approved
    deployment: rolling_out
    lift.json
    experiment.json
"""
SIMPSON = (((20, 980), (180, 8820)), ((100, 2400), (300, 7200)), ((300, 4700), (300, 4700)))
STRATA = (((28, 972), (180, 8820)), ((115, 2385), (300, 7200)), ((330, 4670), (290, 4710)))
SPEC = {
    "source": "data/ab.csv",
    "arm": {"column": "arm", "control": "old", "treatment": "new"},
    "phase": "phase",
    "units": "units",
    "metrics": {"customers kept": {"of": "kept"}, "calls to the elderly": {"of": "calls"}},
}
PHASES = [
    {"share": share, "started": f"2026-0{month}-01", "hold": {"units": 10_000}}
    for month, share in ((4, 0.1), (5, 0.25), (6, 0.5))
]


def summed(tables: Tables) -> str:
    """A row for each arm of each phase; one of 100 units is called."""
    lines = ["phase,arm,units,kept,calls"]
    for share, arms in zip(("0.1", "0.25", "0.5"), tables, strict=False):
        for arm, (yes, no) in zip(("new", "old"), arms, strict=True):
            lines.append(f"{share},{arm},{yes + no},{yes},{(yes + no) // 100}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def released(base: KnowledgeBase) -> KnowledgeBase:
    """A release with three phases of 10,000 units, in which the treated keep more customers."""
    base.grow(TREE)
    base.set("churn/01-setup/deployment", "phases", [*PHASES, {"share": 1.0}])
    base.set("churn/01-setup/deployment", "split_test", SPEC)
    base.write(DATA, summed(STRATA))
    return base


def rollout(base: KnowledgeBase, *options: str) -> dict[str, Any]:
    """The result as the command prints it."""
    done = CommandLine(base.root)("rollout", "churn/01", "--format", "json", *options).fine()
    found: dict[str, Any] = json.loads(done.out)
    return found


def end_phase(base: KnowledgeBase, position: int) -> None:
    base.set("churn/01-setup/deployment", f"phases[{position}].ended", "2026-04-20")


def test_an_effect_in_every_phase_is_shown(released: KnowledgeBase) -> None:
    printed = rollout(released)
    assert json.loads(released.read(RESULT)) == printed
    assert (printed["advice"], printed["phase"]) == ("advance", 0.5)
    total = printed["metrics"][0]["total"]
    assert total["difference"]["value"] == pytest.approx(0.007289099526, rel=1e-6)
    assert printed["realised"]["gain"]["value"] == pytest.approx(7.289099526, rel=1e-6)


def test_phases_of_unlike_shares_without_an_effect_show_none(released: KnowledgeBase) -> None:
    """Simpson's paradox: the pooled rows have a z of 5.23."""
    released.write(DATA, summed(SIMPSON))
    printed = rollout(released)
    assert printed["metrics"][0]["total"]["difference"]["value"] == pytest.approx(0, abs=1e-9)
    assert (printed["advice"], printed["health"][0]["problem"]) == ("hold", "inconclusive")


def test_the_page_shows_every_phase(released: KnowledgeBase, golden: Golden) -> None:
    """Also what was advised in the phases before."""
    for phase in ("10", "25", "50"):
        done = CommandLine(released.root)("rollout", "churn/01", "--phase", phase).fine()
    golden.check("rollout", f"{done.out}\n{released.read(PAGE).split('begin rollout -->')[1]}")


def test_a_second_run_changes_nothing_and_the_page_is_checked(released: KnowledgeBase) -> None:
    rollout(released)
    files = released.files()
    rollout(released)
    assert released.files() == files
    assert not {"RES001", "RES003", "RES004"} & {*released.codes()}
    released.change(PAGE, "**After the phase of 50 %: advance.**", "**After the phase of 50 %: hold.**")
    assert "RES003" in released.codes()


def test_the_command_names_the_next_step(released: KnowledgeBase) -> None:
    done = CommandLine(released.root)("rollout", "churn/01").fine()
    assert f"iterata move {PAGE} rolling_out --phase 100" in done.err
    released.write(DATA, summed(SIMPSON))
    assert "iterata move" not in CommandLine(released.root)("rollout", "churn/01").fine().err


def test_the_result_of_a_phase_that_ended_stays(released: KnowledgeBase) -> None:
    rollout(released, "--phase", "10")
    end_phase(released, 0)
    kept = released.read(f"{FOLDER}/results/rollout-10.json")
    released.write(DATA, summed(SIMPSON))
    done = CommandLine(released.root)("rollout", "churn/01", "--phase", "10")
    assert done.code == 1
    assert released.read(f"{FOLDER}/results/rollout-10.json") == kept
    assert rollout(released, "--phase", "25")["phase"] == 0.25


def test_a_result_that_contradicts_itself_is_evaluated_again_after_its_phase(released: KnowledgeBase) -> None:
    """The command that the rule names works; with other rows, the result stays, and the error says so."""
    path = f"{FOLDER}/results/rollout-10.json"
    rollout(released, "--phase", "10")
    right = json.loads(released.read(path))
    end_phase(released, 0)
    effect = json.loads(released.read(path))["metrics"][0]["phases"][0][1]["difference"]
    wrong = json.loads(released.read(path))
    narrow = {"low": effect["value"] - 1e-6, "high": effect["value"] + 1e-6}
    wrong["metrics"][0]["phases"][0][1]["difference"] |= narrow
    released.write(path, json.dumps(wrong))
    found = [problem for problem in released.problems() if problem.path == path]
    assert [problem.code for problem in found] == ["RES021"]
    assert "iterata rollout churn/01-setup --phase 10`" in found[0].remedy
    released.write(DATA, summed(SIMPSON))
    done = CommandLine(released.root)("rollout", "churn/01-setup", "--phase", "10")
    assert (done.code, json.loads(released.read(path))) == (1, wrong)
    assert "of other rows" in done.err
    released.write(DATA, summed(STRATA))
    CommandLine(released.root)("rollout", "churn/01-setup", "--phase", "10").fine()
    written = json.loads(released.read(path))
    assert written["metrics"] == right["metrics"]
    assert "RES021" not in released.codes()


def test_a_result_that_contradicts_its_deployment_is_evaluated_again(released: KnowledgeBase) -> None:
    """After a merge that took the document of one side and the result of the other."""
    path = f"{FOLDER}/results/rollout-10.json"
    rollout(released, "--phase", "10")
    end_phase(released, 0)
    result = json.loads(released.read(path))
    result["hold"]["units_needed"] = 9_000
    released.write(path, json.dumps(result))
    (problem,) = (problem for problem in released.problems("RES024") if problem.path == path)
    assert "iterata rollout churn/01-setup --phase 10`" in problem.remedy
    CommandLine(released.root)("rollout", "churn/01-setup", "--phase", "10").fine()
    assert json.loads(released.read(path))["hold"]["units_needed"] == 10_000
    assert "RES024" not in released.codes()


def test_the_present_phase_is_the_last_that_began(released: KnowledgeBase) -> None:
    released.set("churn/01-setup/deployment", "phases[2].started", None)
    assert rollout(released)["phase"] == 0.25


def test_a_phase_that_is_not_declared_is_refused(released: KnowledgeBase) -> None:
    done = CommandLine(released.root)("rollout", "churn/01", "--phase", "30")
    assert done.code == 1
    line = released.read(PAGE).split("\n").index("phases:") + 1
    assert f"{PAGE}:{line}" in done.err
    assert "10, 25, 50, 100" in done.err


def test_without_a_deployment_there_is_nothing_to_evaluate(base: KnowledgeBase) -> None:
    base.grow(TREE.replace("    deployment: rolling_out\n", ""))
    assert CommandLine(base.root)("rollout", "churn/01").code == 1


def test_a_metric_that_is_not_measured_is_refused_where_it_should_be(released: KnowledgeBase) -> None:
    released.set("churn/01-setup/deployment", "split_test.metrics", {"calls to the elderly": {"of": "calls"}})
    done = CommandLine(released.root)("rollout", "churn/01")
    assert done.code == 1
    assert PAGE in done.err


def test_a_database_that_is_down_is_told_of_the_split_test(
    released: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A monitor reads the same database; nothing is written."""
    monkeypatch.setenv("SHOP", "postgresql+psycopg://nobody@127.0.0.1:1/shop")
    query = {"query": "SELECT * FROM t", "database": "SHOP"}
    computed = {"name": "kept", "source": "the shop", "measure": "mean", "of": "kept", "lower": 1}
    released.set("churn/01-setup/deployment", "monitors", [computed | query])
    spec = {key: value for key, value in SPEC.items() if key != "source"}
    released.set("churn/01-setup/deployment", "split_test", spec | query)
    before = released.read(PAGE)
    done = CommandLine(released.root)("rollout", "churn/01")
    assert done.code == 1
    assert "split_test.query" in done.err
    assert (released.read(PAGE), (released.root / RESULT).exists()) == (before, False)


def test_a_missing_extra_is_one_message(released: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "tea_tasting"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "tea_tasting", None)
    done = CommandLine(released.root)("rollout", "churn/01")
    assert done.code == 1
    assert "pip install" in done.err
    assert "Traceback" not in done.err
    assert not (released.root / RESULT).exists()


def test_verify_evaluates_every_phase_again(released: KnowledgeBase) -> None:
    """From the commit of its result, whatever the file holds today, and whatever was written since."""
    git = released.in_git()
    for phase in ("10", "25"):
        rollout(released, "--phase", phase)
        git("add", "--all")
        git("commit", "--quiet", "--message", f"the phase of {phase} %")
    end_phase(released, 0)
    released.write(DATA, summed(SIMPSON))
    git("commit", "--quiet", "--all", "--message", "later rows")
    assert verified(released) == []
    released.change(f"{FOLDER}/results/rollout-25.json", '"z": 1.8', '"z": 2.8')
    assert [(name, found.place) for name, found in verified(released)] == [("rollout-25.json", "looks[1].z")]


def test_verify_finds_the_split_test_after_a_squash_and_an_amendment(released: KnowledgeBase) -> None:
    """The commit that a result names is gone, and what is measured has changed since."""
    git = released.in_git()
    git("switch", "--quiet", "--create", "work")
    rollout(released, "--phase", "10")
    git.commit("the phase of 10 %")
    end_phase(released, 0)
    squashed = git("commit-tree", f"{git.commit('its end')}^{{tree}}", "-p", "main", "-m", "squashed")
    git("switch", "--quiet", "--detach", squashed)
    released.change(PAGE, "{of: kept", "{of: kept * 2")
    git.commit("an amendment")
    git("branch", "--quiet", "-D", "work")
    git("reflog", "expire", "--expire=now", "--all")
    git("gc", "--quiet", "--prune=now")
    assert verified(released) == []
    released.change(f"{FOLDER}/results/rollout-10.json", '"alpha": 0.05', '"alpha": 0.06')
    assert [found.place for _, found in verified(released)] == ["alpha"]


def test_verify_evaluates_the_phases_of_earlier_releases(released: KnowledgeBase) -> None:
    git = released.in_git()
    rollout(released, "--phase", "10")
    git.commit("the phase of 10 %")
    data = released.parsed("churn/01-setup/deployment").data
    keys = ("share", "hold")
    declared = [{key: phase[key] for key in keys if key in phase} for phase in data["phases"]]
    revert = {"on": "2026-11-28", "why": "Complaints."}
    earlier = {"variant": data["variant"], "phases": data["phases"], "revert": revert}
    released.set("churn/01-setup/deployment", "earlier", [earlier])
    released.set("churn/01-setup/deployment", "phases", declared)
    released.set("churn/01-setup/deployment", "status", "planned")
    (released.root / FOLDER / "results/release-1").mkdir()
    git("mv", f"{FOLDER}/results/rollout-10.json", f"{FOLDER}/results/release-1/rollout-10.json")
    git.commit("another release")
    assert verified(released) == []
    released.change(f"{FOLDER}/results/release-1/rollout-10.json", '"alpha": 0.05', '"alpha": 0.06')
    assert [(name, found.place) for name, found in verified(released)] == [
        ("release-1/rollout-10.json", "alpha")
    ]


DAILY = "day,arm,units,kept,calls\n" + "".join(
    f"2026-04-0{day},{arm},{units},{kept},{units // 100}\n"
    for day in (1, 2, 3)
    for arm, units, kept in (("new", 1000, 28 + day), ("old", 9000, 180))
)


@pytest.mark.parametrize("source", ["data/ab.csv", "SELECT * FROM read_csv('data/ab.csv')"])
def test_verify_reads_data_that_have_grown_up_to_the_recorded_end(
    released: KnowledgeBase, source: str
) -> None:
    """Data that are not in Git have rows of later days, and then corrected ones."""
    named = {"source": source} if source.endswith(".csv") else {"query": source}
    spec = {key: value for key, value in SPEC.items() if key not in ("source", "phase")}
    released.set("churn/01-setup/deployment", "split_test", {**spec, **named, "date": "day"})
    released.set("churn/01-setup/deployment", "phases", [PHASES[0], {"share": 1.0}])
    released.write(".gitignore", "data/\n")
    released.write(DATA, DAILY)
    git = released.in_git()
    rollout(released)
    git.commit("the phase of 10 %")
    assert comparison(released).notes == ()
    later = DAILY.replace("2026-04-0", "2026-04-1").partition("\n")[2]
    released.write(DATA, DAILY + later.replace("-11,", "-04,"))
    grown = comparison(released)
    assert grown.differences == []
    assert "has changed since" in grown.notes[0]
    assert "up to 2026-04-03 give the same figures" in grown.notes[0]
    released.write(DATA, DAILY.replace(",29,", ",31,") + later)
    corrected = comparison(released)
    assert "metrics[0 customers kept].total.difference.value" in [one.place for one in corrected.differences]
    assert "other figures" in corrected.notes[0]


def comparison(base: KnowledgeBase) -> Verification:
    """The result of the first phase, and its repetition."""
    config = load(base.root)
    folder = Repository.on_disk(config).find_iteration("churn/01")
    return next(verify_rollout(config, folder, announce=lambda _: None, make=False, tolerance=0))[1]


def verified(base: KnowledgeBase) -> list[tuple[str, Difference]]:
    """The figures of the rollout that differ."""
    config = load(base.root)
    folder = Repository.on_disk(config).find_iteration("churn/01")
    phases = verify_rollout(config, folder, announce=lambda _: None, make=False, tolerance=0)
    return [(name, difference) for name, found in phases for difference in found.differences]


UNDECIDED = (*STRATA[:2], ((300, 4700), (280, 4720)))
LONGER = (*STRATA[:2], ((1800, 28_200), (1680, 28_320)))
"""Six times the units of the last phase: z is 2.58, too little once the planned looks are over."""


def test_the_last_phase_goes_on_after_its_look(released: KnowledgeBase) -> None:
    git = released.in_git()
    released.write(DATA, summed(UNDECIDED))
    look = rollout(released)
    assert (look["advice"], look["undecided_at"]) == ("hold", 10_000)
    released.write(DATA, summed(LONGER))
    git("add", "--all")
    git("commit", "--quiet", "--message", "the look, and more rows")
    later = rollout(released)
    assert (later["metrics"][0]["state"], later["advice"]) == ("not_worse", "hold")
    assert later["looks"] == look["looks"]
    assert not [problem for problem in released.problems() if problem.code.startswith("RES")]
    assert verified(released) == []
    (released.root / RESULT).unlink()
    assert rollout(released)["advice"] == "advance", "without the look before it"


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ('"is_off": false', '"is_off": true', "RES023"),
        ('"advice": "advance"', '"advice": "revert"', "RES023"),
        ('"state": "better"', '"state": "not_worse"', "RES023"),
        ('"value": 0.0072891', '"value": 0.0082891', "RES021"),
        ('"spent": 0.05', '"spent": 0.06', "RES021"),
        ('"days_needed": 7', '"days_needed": 7000', "RES023"),
        ('"requires": "gain"', '"requires": "no_harm"', "RES024"),
    ],
)
def test_figures_that_contradict_each_other_are_told(
    released: KnowledgeBase, before: str, after: str, code: str
) -> None:
    rollout(released)
    assert not [problem for problem in released.problems() if problem.path == RESULT]
    released.change(RESULT, before, after)
    assert code in [problem.code for problem in released.problems() if problem.path == RESULT]


def test_a_pull_request_shows_the_advice_and_the_realised_gain(released: KnowledgeBase) -> None:
    git = released.in_git()
    found = rollout(released)
    git("add", "--all")
    git("commit", "--quiet", "--message", "the phase of 50 %")
    text = CommandLine(released.root)("summary", "--base", "HEAD~1").fine().out
    line = next(line for line in text.split("\n") if "**advance**" in line)
    assert PAGE in line
    assert found["reason"] in line
    assert "+7.3" in line
