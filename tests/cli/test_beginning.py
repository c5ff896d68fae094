"""`init` and `new`: what they write passes the check at once, and nothing that exists is written over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iterata.actions.init import FILES
from iterata.stages import ENTRY, IterationKind, Stage, Status

from ..helpers.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from ..helpers.knowledge_base import KnowledgeBase

AGREED = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: approved
        experiment: completed
        experiment.json
        report: approved
"""


class TestInit:
    @pytest.mark.parametrize("name", ["base", "our base", "Wissensbasis für uns", "it's: a {base}", "-base"])
    def test_a_knowledge_base_may_be_called_anything(self, tmp_path: Path, name: str) -> None:
        here = CommandLine(tmp_path)
        done = here("init", "--", name).fine()
        assert done.out.count("wrote") == len(FILES)
        there = CommandLine(tmp_path / name)
        there("new", "project", "churn").fine()
        assert there("check").fine().err == "no problems\n"

    def test_it_writes_over_nothing(self, tmp_path: Path) -> None:
        here = CommandLine(tmp_path)
        here("init", "base").fine()
        for place in FILES.values():
            (tmp_path / "base" / place).write_text(f"plugins: [iterata] # {place}\n", "utf-8")
        done = here("init", "base").fine()
        assert done.out.count("kept") == len(FILES)
        assert all(
            (tmp_path / "base" / place).read_text("utf-8").endswith(f"# {place}\n")
            for place in FILES.values()
        )

    def test_a_configuration_under_its_other_name_is_kept_too(self, tmp_path: Path) -> None:
        (tmp_path / "mkdocs.yaml").write_text("plugins: [iterata]\n", "utf-8")
        CommandLine(tmp_path)("init").fine()
        assert not (tmp_path / "mkdocs.yml").exists()

    def test_a_link_to_nowhere_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / ".gitignore").symlink_to(tmp_path / "later")
        CommandLine(tmp_path)("init").fine()
        assert (tmp_path / ".gitignore").is_symlink()

    def test_a_configuration_without_the_plugin_says_what_to_add(self, tmp_path: Path) -> None:
        (tmp_path / "mkdocs.yml").write_text("site_name: Ours\n", "utf-8")
        done = CommandLine(tmp_path)("init")
        assert done.code == 1
        assert "add `- iterata` under `plugins:`" in done.err

    @pytest.mark.parametrize("place", ["base", "base/projects", "base/docs", "base/.github"])
    def test_a_file_in_the_way_is_told_before_anything_is_written(self, tmp_path: Path, place: str) -> None:
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("mine\n", "utf-8")
        done = CommandLine(tmp_path)("init", "base")
        assert done.code == 1
        assert "is a file; nothing was written" in done.err
        assert [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()] == ["mine\n"]


class TestNew:
    @pytest.mark.parametrize(
        "title", ["Churn", "Churn: why?", '"Quoted"', "Für wen # und warum", "- yes", "a\nb", "{a}", "  x "]
    )
    def test_a_project_may_have_any_title(
        self, base: KnowledgeBase, iterata: CommandLine, title: str
    ) -> None:
        iterata("new", "project", "churn", "--title", title).fine()
        iterata("check").fine()
        assert base.parsed("churn/requirements").title == title.strip()

    @pytest.mark.parametrize("kind", IterationKind)
    def test_an_iteration_of_every_kind_begins_where_it_should(
        self, base: KnowledgeBase, iterata: CommandLine, kind: IterationKind
    ) -> None:
        base.grow(AGREED)
        done = iterata("new", "iteration", "churn", "--kind", kind, "--slug", "what-next").fine()
        assert done.out == f"projects/churn/02-what-next/{ENTRY[kind]}.md\n"
        iterata("check").fine()
        said = base.parsed(f"churn/02-what-next/{ENTRY[kind]}").data["iteration"]
        assert said.get("follows") == (None if kind is IterationKind.SETUP else "01-setup")
        assert said.get("inherits_assessment") == ("01-setup" if ENTRY[kind] is Stage.PROPOSAL else None)

    def test_every_document_of_an_iteration_can_be_begun_in_turn(
        self, base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("new", "document", "churn", "requirements").fine()
        iterata("new", "iteration", "churn").fine()
        for stage in list(Stage)[2:]:
            iterata("new", "document", "churn/01", stage).fine()
            assert iterata("check").fine().err == "no problems\n"

    def test_a_proposal_takes_over_what_the_assessment_says(
        self, base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        base.grow("churn\n  requirements: approved\n  01-setup\n    assessment: approved\n")
        base.set("churn/01-setup/assessment", "lift.data.unit_id", "household")
        base.set("churn/01-setup/assessment", "lift.data.made_by", "make data")
        base.set(
            "churn/01-setup/assessment", "lift.data.status_quo", {"rule": "100 - newness", "label": "newest"}
        )
        base.result("churn/01-setup", "lift")
        iterata("new", "document", "churn/01", "proposal").fine()
        iterata("check").fine()
        plan = base.parsed("churn/01-setup/proposal").data["plan"]
        assert plan["data"] == [
            {"name": "rows", "source": "data/customers.csv", "made_by": "make data", "unit_id": "household"}
        ]
        assert plan["status_quo"] == {"rule": "100 - newness", "label": "newest"}
        assert (plan["target"]["column"], plan["metrics"]["primary"]) == ("left", "customers kept")

    @pytest.mark.parametrize(
        ("verdict", "asked", "kind"),
        [
            ("supported", "where would it not hold?", "insight"),
            ("refuted", "Which belief was wrong?", "negative"),
            ("inconclusive", "What does the interval rule out", "insight"),
        ],
    )
    def test_a_report_leads_from_each_verdict_and_its_evidence_to_a_conjecture(
        self, base: KnowledgeBase, iterata: CommandLine, verdict: str, asked: str, kind: str
    ) -> None:
        base.grow(AGREED)
        (base.root / "projects/churn/01-setup/report.md").unlink()
        place = base.root / "projects/churn/01-setup/results/experiment.json"
        result = json.loads(place.read_text("utf-8"))
        tested = result["hypotheses"][0]
        tested["verdict"], tested["difference"] = verdict, {"value": 12.5, "low": -2.0, "high": 27.0}
        place.write_text(json.dumps(result), "utf-8")
        iterata("new", "document", "churn/01", "report").fine()
        report = base.parsed("churn/01-setup/report").data
        (answer,), (finding,) = report["hypotheses"], report["findings"]
        assert (answer["id"], answer["verdict"]) == ("H1", verdict)
        assert answer["interpretation"].startswith("TODO")
        assert asked in answer["interpretation"]
        assert finding["kind"] == kind
        assert finding["evidence"].startswith("results/experiment.json, H1: +12.5 ")
        assert finding["evidence"].endswith("95 % interval −2.0 to +27.0")

    def test_what_waits_to_be_written_keeps_a_draft_from_its_reviewers(
        self, base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        path = iterata("new", "project", "churn").fine().out.strip()
        before = base.files()
        done = iterata("move", path, Status.IN_REVIEW)
        assert done.code == 1
        assert done.err.count("GATE001") > 5
        assert base.files() == before

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (("project", "churn"), "exists already; nothing was written"),
            (("document", "churn", "requirements"), "exists already; nothing was written"),
            (("document", "projects/churn/", "requirements"), "exists already; nothing was written"),
            (("document", "churn/01", "report"), "exists already; nothing was written"),
            (("document", "churn/07", "report"), "no such iteration"),
            (("project", "Churn!"), "not a valid project name"),
            (("project", "../churn"), "not a valid project name"),
            (("iteration", "wine"), "no such project"),
            (("iteration", "churn", "--kind", "data", "--slug", "Ünwise slug"), "not a valid iteration name"),
            (("iteration", "churn", "--kind", "data", "--follows", "07-x"), "no iteration to follow"),
            (("iteration", "churn"), "--kind is needed"),
        ],
    )
    def test_what_cannot_be_begun_is_said_and_nothing_is_written(
        self, base: KnowledgeBase, iterata: CommandLine, words: tuple[str, ...], said: str
    ) -> None:
        base.grow(AGREED)
        before = base.files()
        done = iterata("new", *words)
        assert done.code in {1, 2}
        assert said in done.err
        assert base.files() == before

    def test_there_must_be_an_assessment_to_inherit(self, base: KnowledgeBase, iterata: CommandLine) -> None:
        base.grow("churn\n  requirements: approved\n  01-setup\n    proposal\n")
        done = iterata("new", "iteration", "churn", "--kind", "feature")
        assert done.code == 1
        assert "there is no assessment to inherit" in done.err
        assert not (base.root / "projects/churn/02-feature").exists()

    @pytest.mark.parametrize("where", [".", "projects", "projects/churn", "projects/churn/01-setup/results"])
    def test_it_works_from_any_folder(self, base: KnowledgeBase, where: str) -> None:
        base.grow(AGREED)
        CommandLine(base.root / where)("new", "iteration", "churn", "--kind", "data").fine()
        assert base.parsed("churn/02-data/proposal").problems == ()

    @pytest.mark.parametrize(
        ("where", "typed"),
        [
            ("projects/churn/01-setup", "."),
            ("projects/churn/01-setup/results", ".."),
            ("projects/churn", "01-setup/"),
            ("projects", "churn/01-setup/proposal.md"),
            (".", "projects/churn/01-setup"),
        ],
    )
    def test_an_iteration_may_be_named_by_a_path_from_here(
        self, base: KnowledgeBase, where: str, typed: str
    ) -> None:
        base.grow(AGREED)
        here = CommandLine(base.root / where)
        here("report", typed).fine()
        here("report", str((base.root / where / typed).resolve())).fine()
