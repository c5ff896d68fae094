"""The first screen of each page: the answer before the evidence, and who must act."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config

from iterata.documents import blocks
from iterata.knowledge.records import findings_of
from iterata.render.experiment.tables import render
from iterata.repository import config
from iterata.results import parse
from iterata.site.front_pages.home import FIRST_PROJECTS, MORE_PROJECTS, further_path, summary
from iterata.site.front_pages.measurements import folded, parted
from iterata.site.knowledge_site import Site
from iterata.site.place import Place

from .conftest import Html, copy_base

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

    from .conftest import Site as BuiltSite

PLACE = "projects/newsletter/01-setup"
HOSTILE = "<b>long & wide</b> \u05d0\u05d1 " + "word " * 300


def edit(base: Path, path: str, old: str, new: str) -> None:
    file = base / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def page(base: Path, path: str, site: Site | None = None) -> Html:
    """A page without a file, as core renders it."""
    site = site or Site.of(config.load(base))
    place = Place(path, path.replace("index.md", "").replace(".md", "/"), base / "site")
    finished = site.finish(place, lambda linked: f"/{linked}")
    assert finished is not None
    return Html(finished.parts["page"])


def within(html: Html, class_: str) -> str:
    return " ".join(" ".join(element.text for element in html.all("section", class_=class_)).split())


@pytest.fixture(scope="module")
def priced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base, whose report is in review, and whose assessment names what an opened issue is worth."""
    base = copy_base(tmp_path_factory.mktemp("priced") / "base")
    edit(base, f"{PLACE}/assessment.md", "[issues opened]", "[issues opened, 'TODO: more']")
    edit(base, f"{PLACE}/assessment.md", "  period:", "  worth: {per_unit: 2.5, currency: EUR}\n  period:")
    edit(base, f"{PLACE}/report.md", "status: approved", "status: in_review")
    edit(base, f"{PLACE}/report.md", "approvals: [{role: product, on: 2026-03-18}]\n", "")
    log = base / f"{PLACE}/experiment.md"
    prompted = "\n## Notes\n\nKept.\n\n## Risks\n\nTODO: What could fail.\n"
    log.write_text(log.read_text("utf-8") + prompted, "utf-8")
    return base


def test_answer_of_an_iteration_comes_before_its_evidence(priced: Path) -> None:
    html = page(priced, f"{PLACE}/index.md")
    order = [
        element.attributes.get("id") or element.attributes["class"]
        for element in html.elements
        if element.attributes.get("class", "").startswith("it-answer ")
        or element.attributes.get("class") == "it-answer"
        or element.attributes.get("id") in ("results", "questions", "findings", "measurements", "stages")
    ]
    assert order == ["it-answer", "results", "questions", "findings", "measurements", "stages"]
    answer = within(html, "it-answer")
    for expected in (
        "The gain pays for another week.",
        "200",
        "140",
        "+60.0 (+40.0 to +80.0)",
        "150 EUR (100 to 200)",
    ):
        assert expected in answer, expected
    assert [title.text for title in html.all("h1")] == ["Habits tell who reads"]
    assert "02-recency" in {
        link.attributes["href"].split("/")[-2] for link in html.all("a", href="/index.md")
    }


def test_project_says_how_sure_its_gain_is_and_what_was_decided_last(priced: Path) -> None:
    answer = within(page(priced, "projects/newsletter/index.md"), "it-answer")
    for expected in (
        "Better than today: yes, for these models.",
        "Decidedone more iteration provisional on 01-setup by product, 2026-03-20",
    ):
        assert expected in answer, answer


def test_gain_that_chance_explains_is_called_not_shown_in_lists(tmp_path: Path) -> None:
    base = copy_base(tmp_path / "base")
    result = base / PLACE / "results/experiment.json"
    lists = ("projects/index.md", "projects/newsletter/index.md")

    def below(path: str) -> set[str]:
        spans = page(base, path).all("span", class_="it-below it-quiet")
        return {span.text for span in spans if "issues per issue" in span.text}

    assert [below(path) for path in lists] == [{"issues per issue"}] * 2
    data = json.loads(result.read_text("utf-8"))
    data["variants"][0]["difference"]["low"] = -5
    result.write_text(json.dumps(data), "utf-8")
    assert [below(path) for path in lists] == [{"issues per issue, not shown"}] * 2


def test_best_variant_is_told_from_one_that_gains_more_and_breaks_a_guardrail(tmp_path: Path) -> None:
    base = copy_base(tmp_path / "base")
    result = base / PLACE / "results/experiment.json"
    assert "the best of 2 tried" in within(page(base, f"{PLACE}/index.md"), "it-answer")
    data = json.loads(result.read_text("utf-8"))
    kept = {"name": "letters", "better": "lower", "status_quo": 1, "value": 2, "worsening": 1, "margin": 2}
    data["guardrails"] = [
        {**kept, "variant": "boosted", "worsening_at_most": 1.5, "holds": True},
        {**kept, "variant": "logistic", "worsening_at_most": 2.5, "holds": False},
    ]
    result.write_text(json.dumps(data), "utf-8")
    answer = within(page(base, f"{PLACE}/index.md"), "it-answer")
    assert "by “boosted”, the best that keeps every guardrail, of 2 tried" in answer


def test_board_without_projects_says_how_to_begin(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: New\nplugins: [iterata]\n", "utf-8")
    html = page(tmp_path, "projects/index.md")
    assert "iterata new project NAME" in html.text
    assert "0 findings" not in html.text


@pytest.mark.parametrize(
    "path", ["projects/index.md", "projects/newsletter/index.md", f"{PLACE}/index.md", f"{PLACE}/brief.md"]
)
def test_what_is_not_approved_is_marked_where_it_is_quoted(priced: Path, tmp_path: Path, path: str) -> None:
    assert page(priced, path).all("span", class_="it-provisional")
    approved = copy_base(tmp_path / "base")
    assert not page(approved, path).all("span", class_="it-provisional")


def test_title_of_a_report_that_is_not_approved_is_marked_in_lists(priced: Path, tmp_path: Path) -> None:
    answer, question = "Habits tell who reads", "How long ago somebody read"
    for base, marked in ((priced, True), (copy_base(tmp_path / "base"), False)):
        pace = [row for row in page(base, "pace.md").all("tr") if answer in row.text]
        assert ["provisional" in row.text for row in pace] == [marked]
    waiting = [row for row in page(priced, "projects/index.md").all("tr") if "for the author" in row.text]
    assert ["provisional" in row.text for row in waiting if answer in row.text] == [True]
    assert ["provisional" in row.text for row in waiting if question in row.text] == [False]


def test_figures_that_changed_after_the_approval_are_marked_where_they_are_quoted(tmp_path: Path) -> None:
    base = copy_base(tmp_path / "base")
    result, report = base / PLACE / "results/experiment.json", base / PLACE / "report.md"
    tables = render(parse("experiment", result.read_bytes(), str(result)))
    report.write_text(blocks.replace(report.read_text("utf-8"), "experiment", tables), "utf-8")
    before = Site.of(config.load(base))
    quoting = (f"{PLACE}/index.md", f"{PLACE}/brief.md", "findings/newsletter/01-setup-F1.md")
    for path in (*quoting, "projects/newsletter/index.md"):
        assert "it-provisional" not in page(base, path, before).source, path
    edited = json.loads(result.read_text("utf-8"))
    edited["variants"][0]["kpi"]["value"] += 1  # by hand, or by another run
    result.write_text(json.dumps(edited), "utf-8")
    after = Site.of(config.load(base))
    for path in (*quoting, "projects/newsletter/index.md"):
        assert page(base, path, after).all("span", class_="it-provisional"), path
    line = report.read_text("utf-8").split("<!-- iterata:begin experiment")[0].count("\n") + 1
    for path in (quoting[0], quoting[2]):
        text = page(base, path, after).source
        assert "Figures changed since the report was approved" in text
        assert f"report.md:{line}" in text
    place = Place(f"{PLACE}/report.md", f"{PLACE}/report/", base / "site")
    finished = after.complete("<p>Prose.</p>", (), place, lambda linked: f"/{linked}")
    assert finished is not None
    assert f"report.md:{line}" in "".join(finished.parts.values())
    found = {record.key: record for record in findings_of(after.knowledge)}["newsletter/01-setup#F1"]
    assert (found.provisional, found.day) == (True, "2026-03-18")  # exports and feeds


def test_figures_that_contradict_each_other_are_marked_where_they_are(tmp_path: Path) -> None:
    base = copy_base(tmp_path / "base")
    result = base / PLACE / "results/experiment.json"
    place = Place(f"{PLACE}/report.md", f"{PLACE}/report/", base / "site")

    def pages() -> list[str]:
        site = Site.of(config.load(base))
        report = site.complete("<p>Prose.</p>", (), place, lambda linked: f"/{linked}")
        assert report is not None
        return [page(base, f"{PLACE}/index.md", site).source, "".join(report.parts.values())]

    before = json.loads(result.read_text("utf-8"))
    assert [("contradict each other" in source) for source in pages()] == [False, False]
    before["variants"][0]["difference"]["value"] *= 2  # with its table, so that nothing seems to have changed
    result.write_text(json.dumps(before), "utf-8")
    for source in pages():
        assert "Figures contradict each other" in source
        assert "<code>variants[0].difference.value</code>" in source


def test_result_that_cannot_be_read_is_named_where_its_figures_would_be(tmp_path: Path) -> None:
    base = copy_base(tmp_path / "base")
    result, report = base / PLACE / "results/experiment.json", base / PLACE / "report.md"
    result.write_text(result.read_text("utf-8")[:200], "utf-8")
    site = Site.of(config.load(base))
    decided = page(base, f"{PLACE}/index.md", site)
    assert "results/experiment.json" in within(decided, "it-answer")
    assert "not valid JSON" in within(decided, "it-answer")
    assert "write it again with iterata run newsletter/01-setup" in within(decided, "it-answer")
    assert "not run yet" not in decided.text
    assert "cannot be read" in page(base, "projects/newsletter/index.md", site).text
    report.unlink()
    undecided = page(base, f"{PLACE}/index.md")
    assert "The result cannot be read" in within(undecided, "it-answer")
    assert "ot run yet" not in undecided.text


def test_report_answers_on_the_first_screen_of_a_phone(tmp_path: Path, chromium: Browser) -> None:
    base = copy_base(tmp_path / "base")
    edit(
        base,
        f"{PLACE}/report.md",
        "summary: ",
        "summary: " + "Many readers open what they opened before. " * 9,
    )
    mkdocs_build(load_config(str(base / "mkdocs.yml"), theme={"name": "material", "font": False}))
    opened = chromium.new_page(viewport={"width": 390, "height": 844})
    opened.goto((base / "site" / PLACE / "report/index.html").as_uri())
    ends = opened.locator(".it-answer dt").evaluate_all(
        """all => Object.fromEntries(
          all.map((one) => [one.textContent, one.parentElement.getBoundingClientRect().bottom]))"""
    )
    opened.close()
    assert max(ends["Worth"], ends["Sure?"]) < 844
    assert list(ends)[:2] == ["Worth", "Sure?"]


@pytest.mark.parametrize("stage", ["assessment", "report"])
def test_stages_of_an_iteration_stand_below_what_its_document_says(tmp_path: Path, stage: str) -> None:
    base = copy_base(tmp_path / "base")
    place = Place(f"{PLACE}/{stage}.md", f"{PLACE}/{stage}/", base / "site")
    finished = Site.of(config.load(base)).complete("", (), place, lambda linked: f"/{linked}")
    assert finished is not None
    card = finished.parts["card"]
    said = {"assessment": "Recommendation", "report": "Decided:"}[stage]
    assert card.index(said) < card.index("it-strip") < card.index('id="scale')


def test_answers_are_counted_in_the_words_of_their_rows(tmp_path: Path) -> None:
    base = copy_base(tmp_path / "base")
    edit(base, f"{PLACE}/report.md", "verdict: refuted", "verdict: inconclusive")
    html = page(base, f"{PLACE}/index.md")
    rows = [row.text for row in html.all("tr") if row.attributes.get("id", "").startswith("H")]
    assert ["supported" in rows[0], "inconclusive" in rows[1]] == [True, True]
    assert "2 questions: 1 supported, 1 inconclusive." in within(html, "it-answer")


def test_every_question_has_one_row_with_its_reasons_folded(priced: Path) -> None:
    html = page(priced, f"{PLACE}/index.md")
    rows = [row for row in html.all("tr") if row.attributes.get("id", "").startswith("H")]
    assert [row.attributes["id"] for row in rows] == ["H1", "H2"]
    assert "supported" in rows[0].text
    assert len(html.all("details", class_="it-why")) == 2


def test_prompts_are_published_nowhere(priced: Path) -> None:
    site = Site.of(config.load(priced))
    prose = site.prose(f"{PLACE}/experiment.md")
    assert prose is not None
    assert "TODO" not in prose
    assert "## Risks" not in prose
    assert "## Notes" in prose
    place = Place(f"{PLACE}/assessment.md", f"{PLACE}/assessment/", priced / "site")
    finished = site.complete("<p>Prose.</p>", (), place, lambda linked: f"/{linked}")
    assert finished is not None
    assert "TODO" not in "".join(finished.parts.values())


def test_board_lists_every_project_on_pages_of_limited_size(tmp_path: Path) -> None:
    base = copy_base(tmp_path / "base")
    source = (base / "projects/newsletter/requirements.md").read_text("utf-8")
    count = FIRST_PROJECTS + MORE_PROJECTS + 3
    for number in range(count - 2):
        folder = base / f"projects/p{number:03}"
        folder.mkdir()
        text = re.sub(r"title: .*", f"title: '{number} {HOSTILE}'", source, count=1)
        (folder / "requirements.md").write_text(text, "utf-8")
    site = Site.of(config.load(base))
    listed: set[str] = set()
    for number in (1, 2, 3):
        html = page(base, further_path("projects/index.md", number), site)
        rows = html.all("tr", class_="it-row")
        assert 0 < len(rows) <= MORE_PROJECTS
        assert len(html.source.encode()) <= 200_000
        assert html.all("a", href="/projects/board-3.md")
        listed |= {link.attributes["href"] for link in html.all("a", href="/index.md")}
    assert len([link for link in listed if re.fullmatch(r"/projects/[^/]+/index.md", link)]) == count
    assert "<b>long" not in html.source


def test_board_says_since_when_something_waits(priced: Path) -> None:
    known = Site.of(config.load(priced)).knowledge
    days = {f"{PLACE}/report.md": "2026-04-05"}
    now = summary(known, lambda path: days.get(path, "2026-01-01"), ())
    (urgent,) = now["urgent"]
    assert (urgent.step.who, urgent.since, urgent.path) == ("product", "2026-04-05", f"{PLACE}/index.md")
    assert {(task.step.who, task.since) for task in now["tasks"]} == {("data science", "2026-01-01")}
    assert page(priced, "projects/index.md").all("h2", id="decisions-needed")


def test_page_by_hand_shows_the_board_where_it_asks_for_it(priced: Path) -> None:
    site = Site.of(config.load(priced))
    html = "<h1>Ours</h1><p>Text.</p><!-- iterata:board --><p>More.</p>"
    found = site.with_board(html, (), lambda linked: f"/{linked}")
    assert found is not None
    assert found.html.index("Text.") < found.html.index("iterata board") < found.html.index("More.")
    assert Html(found.parts["board"]).all("h2", id="projects")
    assert not Html(found.parts["board"]).all("h1")
    assert site.with_board("<p>None.</p>", (), lambda linked: f"/{linked}") is None


BLOCK = (
    "<ul><li><strong>H1 is supported</strong></li></ul><p><em>p is</em></p>"
    "<table><thead><tr><th>opened (a)</th></tr></thead></table>"
    "<p><em>In brackets.</em></p><table><thead><tr><th>guardrail</th></tr></thead></table>"
    "<p>Opened by age. Each segment is computed:</p><table><thead><tr><th>age</th></tr></thead></table>"
)


def test_tables_of_a_report_are_folded_with_their_forest_plots() -> None:
    html = f"<p>a</p><!-- iterata:begin experiment -->{BLOCK}<!-- iterata:end experiment --><p>b</p>"
    pieces = parted(html)
    assert pieces == ("<p>a</p>", BLOCK, "<p>b</p>")
    done = Html(folded(BLOCK, {"guardrails": "<i>rails</i>", "segments": "<i>parts</i>"}))
    groups = [element.text for element in done.all("details")]
    for expected, text in zip(("H1", "In brackets", "rails", "parts"), groups, strict=True):
        assert expected in text
    assert "Opened by age" in done.all("summary")[-1].text
    assert folded(f"{BLOCK}<h2>by hand</h2>", {}) == f"{BLOCK}<h2>by hand</h2>"


def test_interval_of_a_generated_table_is_on_one_line(priced: Path) -> None:
    place = Place(f"{PLACE}/report.md", f"{PLACE}/report/", priced / "site")
    table = "<table><tr><td>kept, +4.7 (−5.7 to +15.4), 2.5 to 3.1 %, F1 to F3</td></tr></table>"
    block = f"<!-- iterata:begin experiment -->{table}<!-- iterata:end experiment -->"
    finished = Site.of(config.load(priced)).complete(
        f"<p>From 1 to 2.</p>{block}", (), place, lambda linked: linked
    )
    assert finished is not None
    shown = Html(finished.html).text
    assert "kept, +4.7 (−5.7\u00a0to\u00a0+15.4), 2.5\u00a0to\u00a03.1\u00a0%, F1 to F3" in shown
    assert "From 1 to 2." in shown


def test_report_has_its_tables_folded_after_they_were_sanitized(priced: Path) -> None:
    site = Site.of(config.load(priced))
    html = f"<p>a</p><!-- iterata:begin experiment -->{BLOCK}<!-- iterata:end experiment --><p>b</p>"
    place = Place(f"{PLACE}/report.md", f"{PLACE}/report/", priced / "site")
    finished = site.complete(html, (), place, lambda linked: f"/{linked}")
    assert finished is not None
    assert len(Html(finished.html).all("details", class_="it-fold")) == 4
    assert "<!--iterata forest_hypotheses-->" in finished.html
    assert "it-forest" in finished.parts["forest_hypotheses"]


def test_share_has_its_unit(priced: Path) -> None:
    site = Site.of(config.load(priced))
    place = Place(f"{PLACE}/assessment.md", f"{PLACE}/assessment/", priced / "site")
    finished = site.complete("", (), place, lambda linked: f"/{linked}")
    assert finished is not None
    assert "20.0 %" in finished.parts["record"]


def test_brief_is_one_sheet_and_reports_open_their_folds_on_paper(
    site: BuiltSite, chromium: Browser, served: Callable[[Path], str]
) -> None:
    address, tab = served(site.folder), chromium.new_page()
    tab.goto(f"{address}/{PLACE}/brief/")
    assert len(re.findall(rb"/Type\s*/Page\b", tab.pdf(prefer_css_page_size=True))) == 1
    tab.goto(f"{address}/{PLACE}/")
    answer = tab.locator(".it-answer").bounding_box()
    assert answer is not None
    assert answer["y"] + answer["height"] < 900
    folded_row = tab.locator("#measurements table").first
    assert not folded_row.is_visible()
    tab.emulate_media(media="print")
    assert folded_row.is_visible()
    assert not tab.locator(".md-header").is_visible()
    tab.close()
