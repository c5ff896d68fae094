"""What `lift`, `run` and `report` refuse before they compute or write anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iterata.stages import Status

if TYPE_CHECKING:
    from pathlib import Path

    from ...helpers.command_line import CommandLine
    from ...helpers.knowledge_base import KnowledgeBase

FOLDER = "projects/churn/01-setup"
COMMANDS = {"lift": "assessment", "run": "experiment", "report": "report"}
ROWS = "newness,age,tariff,left\n" + "".join(f"{n},{n % 90},blue,{n % 3 % 2}\n" for n in range(30))


@pytest.fixture
def reported(base: KnowledgeBase) -> KnowledgeBase:
    """An iteration up to its report; its experiment and report are not finished."""
    base.grow("""
        churn
          requirements: approved
          01-setup
            assessment: in_review
            lift.json
            proposal: approved
            experiment: planned
            experiment.json
            report
    """)
    base.write("projects/churn/data/customers.csv", ROWS)
    base.document("churn/01-setup/assessment", Status.APPROVED)
    base.result("churn/01-setup", "lift")
    base.in_git()
    return base


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("page", "rule"),
    [
        (b"---\ntitle: caf\xe9\n---\nA long text.\n", "DOC001"),
        (b"A long text.\n", "DOC002"),
        (b"---\ntitle: a: b\n---\nA long text.\n", "DOC003"),
        (b"---\ntitel: x\n---\nA long text.\n", "DOC006"),
    ],
    ids=["encoding", "no front matter", "invalid YAML", "unknown key"],
)
def test_page_with_problems_is_left_unchanged(
    reported: KnowledgeBase, iterata: CommandLine, command: str, page: bytes, rule: str
) -> None:
    reported.write(f"{FOLDER}/{COMMANDS[command]}.md", page)
    before = reported.files()
    done = iterata(command, "churn/01")
    assert done.code == 1
    assert rule in done.err
    assert reported.files() == before


@pytest.mark.parametrize("command", COMMANDS)
def test_unpaired_markers_are_refused_before_anything_is_computed(
    reported: KnowledgeBase, iterata: CommandLine, command: str
) -> None:
    path = f"{FOLDER}/{COMMANDS[command]}.md"
    reported.write(path, reported.read(path) + "\n<!-- iterata:begin more -->\n")
    (reported.root / "projects/churn/data/customers.csv").unlink()
    before = reported.files()
    done = iterata(command, "churn/01")
    assert done.code == 1
    assert "RES004" in done.err
    assert reported.files() == before


def test_experiment_behind_a_closed_gate_is_not_run(reported: KnowledgeBase, iterata: CommandLine) -> None:
    reported.write(f"{FOLDER}/experiment.md", reported.read(f"{FOLDER}/experiment.md") + "\nTODO: notes\n")
    before = reported.files()
    done = iterata("run", "churn/01")
    assert done.code == 1
    assert "GATE001" in done.err
    assert reported.files() == before


@pytest.mark.parametrize(
    ("words", "linked"),
    [
        (("report", "churn/01"), FOLDER),
        (("lift", "churn/02"), "projects/churn/02-more/results"),
        (("new", "document", "churn/02", "report"), "projects/churn/02-more"),
        (("new", "project", "wine"), "projects/wine"),
        (("new", "iteration", "churn", "--kind", "feature", "--slug", "x"), "projects/churn/03-x"),
    ],
    ids=lambda words: words if isinstance(words, str) else " ".join(words[:2]),
)
def test_links_out_of_the_repository_are_not_followed(
    reported: KnowledgeBase, iterata: CommandLine, tmp_path: Path, words: tuple[str, ...], linked: str
) -> None:
    """A folder of the repository may be a symbolic link from an untrusted author."""
    if "02-more" in linked:
        reported.grow("churn\n  02-more\n    assessment\n")
        (reported.root / "projects/churn/02-more/assessment.md").rename(tmp_path / "assessment.md")
        (reported.root / "projects/churn/02-more").rmdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    place = reported.root / linked
    if place.exists():
        place.rename(tmp_path / "away")
    place.parent.mkdir(exist_ok=True)
    if linked.endswith("results"):
        (tmp_path / "assessment.md").rename(place.parent / "assessment.md")
    place.symlink_to(outside, target_is_directory=True)
    done = iterata(*words)
    assert done.code == 1
    assert "Traceback" not in done.output
    assert list(outside.iterdir()) == []


def test_file_in_place_of_the_state_folder_is_refused(reported: KnowledgeBase, iterata: CommandLine) -> None:
    reported.write(".iterata", "a file")
    done = iterata("report", "churn/01")
    assert done.code == 1
    assert ".iterata" in done.err
    assert ".iterata" not in iterata("check").output


def test_result_that_links_out_of_the_repository_is_a_problem(
    reported: KnowledgeBase, iterata: CommandLine
) -> None:
    result = reported.root / FOLDER / "results/experiment.json"
    result.unlink()
    result.symlink_to("/etc/passwd")
    reported.write("projects/churn/02-more/report.md", "")
    done = iterata("check")
    assert done.code == 1
    assert {"RES001", "DOC002"} <= set(done.out.split())
    assert "root:" not in done.output
    assert iterata("status").code == 0
