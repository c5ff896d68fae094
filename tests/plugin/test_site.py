"""The site of a small knowledge base, as mkdocs builds it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from mkdocs.exceptions import Abort

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Site

REPORT = "projects/newsletter/01-setup/report"


def test_strict_build_has_no_broken_link(site: Site) -> None:
    pages = site.pages
    ids = {path: {element.attributes.get("id") for element in page.elements} for path, page in pages.items()}
    checked = 0
    for path, page in pages.items():
        if path == "404.html":  # its links are absolute, for it is served anywhere
            continue
        for element in page.elements:
            target = element.attributes.get("href") or element.attributes.get("src")
            if not target or urlsplit(target).scheme:
                continue
            address = urlsplit(urljoin(f"/{path}", target))
            file = unquote(address.path).lstrip("/")
            file = f"{file}index.html" if not file or file.endswith("/") else file
            assert (site.folder / file).is_file(), f"{path} links to {target}"
            if address.fragment and file in ids and not address.fragment.startswith("__"):
                assert unquote(address.fragment) in ids[file], f"{path} links to {target}"
            checked += 1
    assert checked > 300


def test_document_links_resolve_as_on_the_code_host(site: Site) -> None:
    requirements = site.page("projects/newsletter/requirements")
    assert requirements.all("a", href="../01-setup/assessment/")
    on_the_host = "https://code.example/team/base/blob/HEAD/projects/newsletter/score.py"
    assert requirements.all("a", href=on_the_host)
    experiment = site.page("projects/newsletter/01-setup/experiment")
    assert experiment.all("a", href="../results/experiment.json")
    assert (site.folder / "projects/newsletter/01-setup/results/experiment.json").is_file()


def test_data_files_are_not_published(site: Site) -> None:
    assert not list(site.folder.rglob("readers.csv"))


def test_edit_button_links_to_the_code_host(site: Site) -> None:
    edit = "https://code.example/team/base/edit/main/projects/newsletter/01-setup/report.md"
    assert site.page(REPORT).all("a", href=edit) or edit in site.page(REPORT).source
    assert "edit/main" not in site.page("projects/newsletter/01-setup").source


def test_document_page_shows_card_prose_and_front_matter(site: Site) -> None:
    report = site.page(REPORT)
    assert [heading.text for heading in report.all("h1")] == ["Habits tell who reads"]
    assert report.all("title")[0].text == "Habits tell who reads - A small knowledge base"
    for expected in (
        "owned by data science",
        "approved by product on 2026-03-18",
        "opens 60 more issues",  # the summary
        "Reading is a habit.",  # an interpretation
        "What readers buy does not tell whether they read.",  # a finding
        "The gain pays for another week.",  # the decision
    ):
        assert expected in report.text
    current = report.all("a", aria_current="page") or [
        element for element in report.elements if element.attributes.get("aria-current") == "page"
    ]
    assert ["Report" in element.text for element in current] == [True]
    neighbours = {
        link.attributes["rel"]: link.attributes["href"]
        for link in report.all("a", rel="")
        if "rel" in link.attributes
    }
    assert neighbours["prev"].endswith("/01-setup/experiment/")


def test_assessment_fields_show_descriptions_of_the_models(site: Site) -> None:
    terms = {
        term.text: term.attributes.get("title")
        for term in site.page("projects/newsletter/01-setup/assessment").all("dt")
    }
    assert terms["Alternatives"] == "Other solutions considered, each with a verdict."


def test_lift_is_shown_as_chart_and_text(site: Site) -> None:
    for path in ("projects/newsletter/01-setup", REPORT, "projects/newsletter/01-setup/assessment"):
        page = site.page(path)
        (chart,) = page.all("div", role="img")
        ids = {element.attributes.get("id"): element for element in page.elements}
        title, description = (chart.attributes[f"aria-{by}"] for by in ("labelledby", "describedby"))
        assert "issues" in ids[title].text
        (figure,) = page.all("figure", class_="it-figure")
        assert figure.attributes["aria-labelledby"] == title
        figures = "260" if path.endswith("assessment") else "+60.0, +40.0 to +80.0: better"
        assert figures in ids[description].text
    cells = [cell.text.strip() for cell in site.page("projects/newsletter/01-setup").all("td")]
    assert cells[cells.index("logistic") + 1 :][:4] == [
        "200",
        "180 to 220",
        "better +60.0 (+40.0 to +80.0)",
        "23.1 % (15.1 to 31.1 %)",
    ]


def test_computed_assessment_shows_bounds_only(site: Site) -> None:
    assert "boosted" not in site.page("projects/newsletter/01-setup/assessment").text


def test_board_shows_what_each_iteration_waits_for_and_who_acts(site: Site) -> None:
    board = site.page("projects")
    assert "2 projects, 2 iterations, 3 findings" in " ".join(board.text.split())
    assert "data science" in board.text
    assert "iterata move projects/newsletter/02-recency/proposal.md in_review" in board.text
    assert board.all("a", href="newsletter/01-setup/")


def test_project_page_shows_timeline_trajectory_and_findings(site: Site) -> None:
    project = site.page("projects/newsletter")
    ids = [heading.attributes["id"] for heading in project.all("h2")]
    assert ids == ["trajectory", "iterations", "findings", "trace"]
    assert "follows 01-setup" in project.text
    (trajectory,) = project.all("p", id="trajectory-1-desc")
    assert "01-setup (logistic) +60.0, +40.0 to +80.0: better" in trajectory.text


def test_inherited_assessment_is_marked(site: Site) -> None:
    strip = site.page("projects/newsletter/02-recency").all("div", class_="it-stage--inherited")
    assert ["Assessment" in stage.text for stage in strip] == [True]


def test_library_shows_negative_findings_and_contradictions(site: Site) -> None:
    rows = {row.attributes["class"]: row.text for row in site.page("findings").all("li", class_="it-result")}
    assert "refuted" in rows["it-result it-kind--negative"]
    links = [link.attributes["href"] for link in site.page("findings").all("a", href="-F")]
    assert sorted(links) == [
        "../findings/newsletter/01-setup-F1/",
        "../findings/newsletter/01-setup-F2/",
        "../findings/wine-labels/requirements-F1/",
    ]
    contradicted = site.page("findings/wine-labels/requirements-F1")
    assert contradicted.all("a", href="findings/newsletter/01-setup-F2/")
    assert "contradicted" in contradicted.text


def test_abandoned_project_shows_reason_and_findings(site: Site) -> None:
    requirements = site.page("projects/wine-labels/requirements")
    assert "The supplier prints the labels" in requirements.text
    assert "What people buy shows what they like to read." in requirements.text


def test_readme_does_not_replace_the_project_page(site: Site) -> None:
    assert "Kept beside the documents" in site.page("projects/newsletter/README").text
    assert site.page("projects/newsletter").all("h2", id="trajectory")


def test_table_of_contents_lists_sections_without_the_title(site: Site) -> None:
    contents = [link.text.strip() for link in site.page(REPORT).all("a", class_="md-nav__link")]
    assert contents.count("What it means") == 1
    assert "Findings" in contents
    assert "Habits tell who reads" not in contents


def test_search_index_contains_documents_and_findings(site: Site) -> None:
    index = json.loads((site.folder / "search/search_index.json").read_text("utf-8"))["docs"]
    entries = {entry["location"]: f"{entry['title']} {entry['text']}" for entry in index}
    assert "What readers buy does not tell" in entries["findings/newsletter/01-setup-F2/"]
    assert [location for location, text in entries.items() if "What readers buy does not tell" in text] == [
        "findings/newsletter/01-setup-F2/"
    ]
    assert "opens 60 more issues" in entries[f"{REPORT}/"]
    assert "Reading is a habit." in entries[f"{REPORT}/#what-it-means"]
    assert "Readers who open by accident." in entries["projects/newsletter/01-setup/proposal/#front-matter"]
    assert "<!--iterata" not in json.dumps(index)


def test_navigation_size_is_independent_of_projects(base: Path, build: Callable[..., Site]) -> None:
    def links() -> list[str]:
        page = build(nav=None, strict=True).page("projects/newsletter/requirements")
        return [
            link.text.strip()
            for link in page.all("a", class_="md-nav__link")
            if "#" not in link.attributes["href"]
        ]

    before = links()
    source = (base / "projects/newsletter/requirements.md").read_text("utf-8").split("# Fewer")[0]
    for number in range(20):
        folder = base / f"projects/another-{number}"
        folder.mkdir()
        (folder / "requirements.md").write_text(source, "utf-8")
    assert links() == before


def test_handwritten_page_replaces_the_generated_one(base: Path, build: Callable[..., Site]) -> None:
    (base / "docs/findings.md").write_text("# What we know\n\nBy hand. {: #x }\n", "utf-8")
    assert "By hand" in build().page("findings").text


def test_pages_of_the_docs_folder_are_unchanged(base: Path, build: Callable[..., Site]) -> None:
    page = base / "docs/projects/how-we-work.md"
    page.parent.mkdir()
    page.write_text("# How we work\n\n<button>Press</button> as you like.\n", "utf-8")
    assert build().page("projects/how-we-work").all("button")[-1].text == "Press"


def test_same_path_in_docs_and_projects_stops_the_build(
    base: Path, build: Callable[..., Site], caplog: pytest.LogCaptureFixture
) -> None:
    page = base / "docs/projects/newsletter/requirements.md"
    page.parent.mkdir(parents=True)
    page.write_text("# Mine\n", "utf-8")
    with pytest.raises(Abort):
        build()
    assert "both docs_dir and the repository contain projects/newsletter/requirements.md" in caplog.text


def test_empty_knowledge_base_builds(base: Path, build: Callable[..., Site]) -> None:
    (base / "projects").rename(base / "elsewhere")
    (base / "docs/index.md").write_text("# Empty\n", "utf-8")
    site = build(strict=True)
    assert "iterata new project" in site.page("projects").text
    assert "There are no findings yet" in site.page("findings").text


def test_projects_dir_is_configurable(base: Path, build: Callable[..., Site]) -> None:
    (base / "projects").rename(base / "work")
    index = base / "docs/index.md"
    index.write_text(index.read_text("utf-8").replace("projects/", "work/"), "utf-8")
    site = build(strict=True, plugins=["search", {"iterata": {"projects_dir": "work"}}], nav=None)
    assert "2 projects" in site.page("work").text


def test_links_resolve_without_directory_urls(build: Callable[..., Site]) -> None:
    site = build(use_directory_urls=False, strict=True)
    assert (site.folder / f"{REPORT}.html").is_file()
    assert (site.folder / "projects/newsletter/README.html").is_file()
    test_strict_build_has_no_broken_link(site)


def test_suspect_document_is_marked(base: Path, build: Callable[..., Site]) -> None:
    assessment = base / "projects/newsletter/01-setup/assessment.md"
    digest = "sha256:" + "0" * 64
    text = assessment.read_text("utf-8")
    assessment.write_text(
        text.replace("status:", f"written_against: {{requirements: '{digest}'}}\nstatus:", 1), "utf-8"
    )
    built = build()
    expected = "iterata affirm projects/newsletter/01-setup/assessment.md"
    for page in ("projects", "projects/newsletter/01-setup/assessment"):
        assert expected in built.page(page).source
    assert expected not in built.page("projects/newsletter/01-setup/proposal").source


@pytest.mark.parametrize("all_break", [False, True])
def test_variant_that_breaks_a_guardrail_is_marked_and_not_best(
    base: Path, build: Callable[..., Site], all_break: bool
) -> None:
    path = base / "projects/newsletter/01-setup/results/experiment.json"
    result = json.loads(path.read_text("utf-8"))
    best = max(result["variants"], key=lambda variant: variant["difference"]["value"])["name"]
    result["guardrails"] = [
        {
            "name": "complaints", "variant": variant["name"], "status_quo": 0.1, "value": 0.2,
            "worsening": 0.1, "worsening_at_most": 0.12, "margin": 0.05,
            "holds": not all_break and variant["name"] != best,
        }
        for variant in result["variants"]
    ]  # fmt: skip
    path.write_text(json.dumps(result), "utf-8")
    built = build()
    page = built.page("projects/newsletter/01-setup")
    breaking = {guardrail["variant"] for guardrail in result["guardrails"] if not guardrail["holds"]}
    assert best in breaking
    assert page.source.count("guardrail not kept") == len(breaking)
    names = [variant["name"] for variant in result["variants"] if variant["name"] in breaking]
    assert f"not kept by {'; '.join(names)}" in page.text
    trajectory = built.page("projects/newsletter").source
    assert (f"{best} (guardrail not kept)" in trajectory) is all_break
    assert f"{best} (" not in trajectory or all_break


def test_sign_of_a_leak_is_on_the_page_of_its_iteration(base: Path, build: Callable[..., Site]) -> None:
    path = base / "projects/newsletter/01-setup/results/experiment.json"
    result = json.loads(path.read_text("utf-8"))
    found = [{"name": "opened <i>", "measure": "roc_auc", "value": 0.991}]
    result["leaks"] = [{"sign": "column_tells_target", "found": found}]
    path.write_text(json.dumps(result), "utf-8")
    built = build()
    assert "opened <i> (AUC 0.991)" in built.page("projects/newsletter/01-setup").text
    assert "opened &lt;i&gt;" in built.page("projects/newsletter/01-setup").source
    assert "AUC 0.991" not in built.page("projects/newsletter").text
