"""`init` and `new`: the files they write pass the check, and existing files are not overwritten."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from iterata.actions.init.table import files_for
from iterata.stages import FIRST_STAGE, IterationKind, Stage, Status

from ..helpers.command_line import CommandLine

if TYPE_CHECKING:
    from pathlib import Path

    from ..helpers.golden import Golden
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


FILES = files_for("github")
KEPT = [file for file in FILES if file.merge == "keep"]


class TestInit:
    @pytest.mark.parametrize("name", ["base", "our base", "Wissensbasis für uns", "it's: a {base}", "-base"])
    def test_a_knowledge_base_can_have_any_name(self, tmp_path: Path, name: str) -> None:
        parent = CommandLine(tmp_path)
        done = parent("init", "--", name).fine()
        assert done.out.count("wrote") == len(FILES)
        inside = CommandLine(tmp_path / name)
        inside("new", "project", "churn").fine()
        assert inside("check").fine().err == "no problems\n"

    def test_existing_files_are_not_overwritten(self, tmp_path: Path) -> None:
        parent = CommandLine(tmp_path)
        parent("init", "base").fine()
        for file in FILES:
            (tmp_path / "base" / file.path).write_text(f"plugins: [iterata] # {file.path}\n", "utf-8")
        done = parent("init", "base").fine()
        assert done.out.count("kept") == len(KEPT) + 1  # the pull request template mentions iterata
        written = {file: (tmp_path / "base" / file.path).read_text("utf-8") for file in FILES}
        assert all(text.startswith(f"plugins: [iterata] # {file.path}\n") for file, text in written.items())
        assert all(written[file].count("\n") == 1 for file in KEPT)

    def test_an_existing_mkdocs_yaml_is_kept(self, tmp_path: Path) -> None:
        (tmp_path / "mkdocs.yaml").write_text("plugins: [iterata]\n", "utf-8")
        CommandLine(tmp_path)("init").fine()
        assert not (tmp_path / "mkdocs.yml").exists()

    def test_a_broken_symlink_is_not_replaced(self, tmp_path: Path) -> None:
        (tmp_path / ".gitignore").symlink_to(tmp_path / "later")
        CommandLine(tmp_path)("init").fine()
        assert (tmp_path / ".gitignore").is_symlink()

    def test_an_existing_configuration_without_the_plugin_is_an_error(self, tmp_path: Path) -> None:
        (tmp_path / "mkdocs.yml").write_text("site_name: Ours\n", "utf-8")
        done = CommandLine(tmp_path)("init")
        assert done.code == 1
        assert done.err.startswith("mkdocs.yml: error: ")

    @pytest.mark.parametrize("place", ["base", "base/projects", "base/docs", "base/.github"])
    def test_a_file_in_place_of_a_folder_is_refused_before_writing(self, tmp_path: Path, place: str) -> None:
        (tmp_path / place).parent.mkdir(exist_ok=True)
        (tmp_path / place).write_text("mine\n", "utf-8")
        done = CommandLine(tmp_path)("init", "base")
        assert done.code == 1
        assert done.err.startswith(f"{place}: error: ")
        assert [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()] == ["mine\n"]


class TestNew:
    @pytest.mark.parametrize(
        "title", ["Churn", "Churn: why?", '"Quoted"', "Für wen # und warum", "- yes", "a\nb", "{a}", "  x "]
    )
    def test_a_project_can_have_any_title(
        self, base: KnowledgeBase, iterata: CommandLine, title: str
    ) -> None:
        iterata("new", "project", "churn", "--title", title).fine()
        iterata("check").fine()
        assert base.parsed("churn/requirements").title == title.strip()

    @pytest.mark.parametrize("kind", IterationKind)
    def test_an_iteration_starts_with_the_document_of_its_kind(
        self, base: KnowledgeBase, iterata: CommandLine, kind: IterationKind
    ) -> None:
        base.grow(AGREED)
        done = iterata("new", "iteration", "churn", "--kind", kind, "--slug", "what-next").fine()
        assert done.out == f"projects/churn/02-what-next/{FIRST_STAGE[kind]}.md\n"
        iterata("check").fine()
        block = base.parsed(f"churn/02-what-next/{FIRST_STAGE[kind]}").data["iteration"]
        assert block["follows"] == "01-setup"
        assert block.get("inherits_assessment") == (
            "01-setup" if FIRST_STAGE[kind] is Stage.PROPOSAL else None
        )

    def test_every_document_of_an_iteration_can_be_created_in_order(
        self, base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        iterata("new", "document", "churn", "requirements").fine()
        iterata("new", "iteration", "churn").fine()
        for stage in list(Stage)[2:]:
            if stage is Stage.DEPLOYMENT:
                decision = {
                    "outcome": "deploy",
                    "by": [{"role": "product"}],
                    "on": "2026-03-02",
                    "why": "It pays.",
                }
                base.set("churn/01-setup/report", "decision", decision)
            iterata("new", "document", "churn/01", stage).fine()
            assert iterata("check").fine().err == "no problems\n"

    def test_a_proposal_inherits_from_the_assessment(self, base: KnowledgeBase, iterata: CommandLine) -> None:
        base.grow("churn\n  requirements: approved\n  01-setup\n    assessment: approved\n")
        base.set("churn/01-setup/assessment", "lift.data.unit_id", "household")
        base.set("churn/01-setup/assessment", "lift.data.made_by", "make data")
        base.set(
            "churn/01-setup/assessment", "lift.data.status_quo", {"rule": "100 - newness", "label": "newest"}
        )
        base.result("churn/01-setup", "lift")
        iterata("new", "document", "churn/01", "proposal").fine()
        iterata("check").fine()
        written = base.parsed("churn/01-setup/proposal").data["plan"]
        assert {"data", "status_quo", "override_reason"}.isdisjoint(written)
        assert set(written["target"]) == {"made_by"}
        plan = base.context("churn/01-setup/proposal").plan
        assert plan is not None
        (data,) = plan.data
        assert (data.source, data.made_by, data.unit_id) == ("data/customers.csv", "make data", "household")
        assert (plan.status_quo.rule, plan.status_quo.label) == ("100 - newness", "newest")
        assert (plan.target.column, plan.metrics.primary) == ("left", "customers kept")

    def test_an_inherited_assessment_leaves_no_row_to_describe(
        self, base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        base.grow(AGREED)
        iterata("new", "iteration", "churn", "--kind", "data").fine()
        written = base.parsed("churn/02-data/proposal").data["plan"]
        assert {"data", "status_quo"}.isdisjoint(written)
        assert set(written["target"]) == {"made_by"}
        plan = base.context("churn/02-data/proposal").plan
        assert plan is not None
        assert (plan.data[0].source, plan.target.column) == ("data/customers.csv", "left")

    @pytest.mark.parametrize(
        ("verdict", "kind"), [("supported", "insight"), ("refuted", "negative"), ("inconclusive", "insight")]
    )
    def test_a_report_has_a_draft_finding_for_every_verdict(
        self, base: KnowledgeBase, iterata: CommandLine, golden: Golden, verdict: str, kind: str
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
        golden.check(f"question_after_{verdict}", answer["interpretation"])
        assert finding["kind"] == kind
        assert finding["evidence"].startswith("results/experiment.json, H1: +12.5 ")
        assert finding["evidence"].endswith("−2.0 to +27.0")

    def test_a_document_with_todos_cannot_move_to_review(
        self, base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        created = iterata("new", "project", "churn").fine()
        path = created.out.strip()
        assert f"`iterata move {path} in_review`" in created.err
        before = base.files()
        done = iterata("move", path, Status.IN_REVIEW)
        assert done.code == 1
        assert done.err.count("fix: ") > 5
        assert base.files() == before

    @pytest.mark.parametrize(
        "words",
        [
            ("project", "churn"),
            ("document", "churn", "requirements"),
            ("document", "projects/churn/", "requirements"),
            ("document", "churn/01", "report"),
            ("document", "churn/07", "report"),
            ("project", "Churn!"),
            ("project", "../churn"),
            ("iteration", "wine"),
            ("iteration", "churn", "--kind", "data", "--slug", "Ünwise slug"),
            ("iteration", "churn", "--kind", "data", "--follows", "07-x"),
            ("iteration", "churn"),
        ],
        ids=" ".join,
    )
    def test_a_refused_document_writes_nothing(
        self, base: KnowledgeBase, iterata: CommandLine, golden: Golden, words: tuple[str, ...]
    ) -> None:
        base.grow(AGREED)
        before = base.files()
        done = iterata("new", *words)
        assert done.code in {1, 2}
        assert done.out == ""
        assert base.files() == before
        name = re.sub(r"[^a-z0-9.]+", "_", " ".join(words).lower())
        text = done.err.replace(str(base.root), "")
        text = text.replace(" -h' for", " --help' for")  # older versions of click
        golden.check(f"new_{name}", text.rstrip("\n"))

    def test_a_feature_iteration_needs_an_assessment_to_inherit(
        self, base: KnowledgeBase, iterata: CommandLine
    ) -> None:
        base.grow("churn\n  requirements: approved\n  01-setup\n    proposal\n")
        done = iterata("new", "iteration", "churn", "--kind", "feature")
        assert done.code == 1
        assert done.out == ""
        assert not (base.root / "projects/churn/02-feature").exists()

    @pytest.mark.parametrize("where", [".", "projects", "projects/churn", "projects/churn/01-setup/results"])
    def test_new_works_from_any_folder(self, base: KnowledgeBase, where: str) -> None:
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
    def test_an_iteration_can_be_named_by_a_relative_path(
        self, base: KnowledgeBase, where: str, typed: str
    ) -> None:
        base.grow(AGREED)
        inside = CommandLine(base.root / where)
        inside("report", typed).fine()
        inside("report", str((base.root / where / typed).resolve())).fine()
