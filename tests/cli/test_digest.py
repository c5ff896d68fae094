"""`iterata digest`: what some days brought."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from ..helpers.command_line import CommandLine
from ..helpers.git import Git
from ..helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from pathlib import Path

TREE = """
churn
  requirements: approved
  01-setup
    assessment: approved
    proposal: approved
    report: approved
    deployment: reverted
  02-calls
    assessment: abandoned
wine
  01-setup
    assessment: in_review
    report: draft
"""
HOSTILE = (
    "<script>alert(1)</script> [a](https://evil.example) @product #12 | ![x](https://evil.example/x.png)"
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path_factory.mktemp("digest") / "base")
    git = Git(base.root)
    base.grow(TREE)
    base.set("churn/01-setup/report", "findings[0].statement", HOSTILE)
    base.set("churn/01-setup/deployment", "revert", {"on": "2026-03-07", "why": "Fewer calls."})
    phases = [{"share": 0.1, "started": "2026-03-04", "ended": "2026-03-06"}, {"share": 1.0}]
    base.set("churn/01-setup/deployment", "phases", phases)
    base.set("wine/01-setup/report", "findings[0].statement", "Nobody knows yet.")
    base.write("mkdocs.yml", "site_name: Ours\nsite_url: https://kb.example.org/ours/\nplugins: [iterata]\n")
    git.commit()
    return base


@pytest.fixture(scope="module")
def iterata(base: KnowledgeBase) -> CommandLine:
    return CommandLine(base.root)


def data(iterata: CommandLine, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(iterata("digest", *words, "--format", "json").fine().out)
    return found


def items(digest: dict[str, Any], key: str) -> list[dict[str, Any]]:
    return [item for section in digest["sections"] if section["key"] == key for item in section["items"]]


def test_each_thing_is_told_on_its_day(iterata: CommandLine) -> None:
    march = data(iterata, "--since", "2026-03-01", "--until", "2026-03-31")
    assert len(items(march, "learned")) == 2, "of the report and of the abandoned assessment"
    assert {item["label"] for item in items(march, "decided")} == {"iterate", "abandoned"}
    released = {(item["label"], item["note"].rpartition(", ")[2]) for item in items(march, "released")}
    assert released == {
        ("reverted logistic", "2026-03-07"),
        ("ended", "2026-03-06"),
        ("began", "2026-03-04"),
    }
    third = data(iterata, "--since", "2026-03-03", "--until", "2026-03-08")
    assert [section["key"] for section in third["sections"]] == ["released", "waiting"]


def test_what_is_not_agreed_is_not_told(iterata: CommandLine) -> None:
    assert "Nobody knows yet" not in iterata("digest", "--since", "2020-01-01").fine().out


def test_last_day_is_that_of_the_newest_commit(iterata: CommandLine) -> None:
    assert data(iterata, "--since", "2026-01-01")["until"] == "2026-02-25"
    refused = iterata("digest", "--since", "2026-03-01")
    assert (refused.code, refused.out) == (1, "")


@pytest.mark.parametrize("output_format", ["markdown", "html", "json"])
def test_same_history_gives_the_same_bytes(iterata: CommandLine, output_format: str) -> None:
    words = ("digest", "--since", "2026-01-01", "--until", "2026-12-31", "--format", output_format)
    first, second = (iterata(*words).fine().out for _ in range(2))
    assert first == second
    assert first.endswith("\n")


def test_what_waits_for_a_role_comes_first_and_alone(iterata: CommandLine) -> None:
    everybody = data(iterata, "--since", "2026-01-01")
    for_product = data(iterata, "--since", "2026-01-01", "--for", "Product")
    assert len({item["label"] for item in items(everybody, "waiting")}) > 1
    assert {item["label"] for item in items(for_product, "waiting")} == {"product"}
    assert for_product["sections"][0]["key"] == "waiting"
    refused = iterata("digest", "--since", "2026-01-01", "--for", "prodct")
    assert (refused.code, "product" in refused.err) == (1, True)


def test_nothing_happened(iterata: CommandLine) -> None:
    quiet = data(iterata, "--since", "2020-01-01", "--until", "2020-01-07")
    assert quiet["empty"] is True
    assert iterata("digest", "--since", "2020-01-01", "--until", "2020-01-07").fine().out.startswith("# ")


@pytest.mark.parametrize("day", ["yesterday", "2026-02-30", "20260301", ""])
def test_what_is_no_day_is_wrong_usage(iterata: CommandLine, day: str) -> None:
    assert iterata("digest", "--since", day).code == 2


class Elements(HTMLParser):
    """The elements of a mail, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_mail_asks_for_nothing_and_shows_text_as_text(iterata: CommandLine) -> None:
    mail = Elements()
    mail.feed(iterata("digest", "--since", "2026-03-01", "--until", "2026-03-31", "--format", "html").out)
    assert not mail.tags & {"script", "img", "link", "style", "iframe", "form"}
    assert not {name for name in mail.attributes if name.startswith("on") or name in ("src", "class")}
    assert {link.rpartition("/projects/")[0] for link in mail.links} == {"https://kb.example.org/ours"}
    assert HOSTILE in mail.text


def test_markdown_shows_text_as_text(iterata: CommandLine) -> None:
    text = iterata("digest", "--since", "2026-03-01", "--until", "2026-03-31").out
    assert "<script" not in text
    assert "](https://evil.example" not in text
    assert not re.search(r"@product|#12\b", text)


def test_entry_of_a_feed_is_valid(iterata: CommandLine) -> None:
    digest = data(iterata, "--since", "2026-03-01", "--until", "2026-03-31")
    Draft202012Validator(json.loads(iterata("schema", "output", "digest").out)).validate(digest)
    item = digest["item"]
    assert item["date_published"] == "2026-03-31T00:00:00Z"
    assert item["id"].startswith("tag:kb.example.org,")
    assert "<script" not in item["content_html"]


def test_without_git_the_last_day_is_one_that_a_document_states(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path / "base").grow("churn\n  01-setup\n    report: approved\n")
    digest = data(CommandLine(base.root), "--since", "2026-01-01")
    assert digest["until"] == "2026-03-02"
    assert items(digest, "learned")[0]["url"] is None


WHO_READS = "\u05de\u05d9 \u05e7\u05d5\u05e8\u05d0"
HABITS = "\u05d4\u05e8\u05d2\u05dc\u05d9\u05dd!"


def test_names_from_right_to_left_are_kept_apart_from_the_sentence(tmp_path: Path) -> None:
    base = KnowledgeBase(tmp_path / "base").grow("churn\n  01-setup\n    report: approved\n")
    base.set("churn/01-setup/report", "title", WHO_READS)
    base.set("churn/01-setup/report", "findings[0].statement", f"{HABITS}\u202e")
    words = ("digest", "--since", "2026-01-01", "--format")
    for output_format in ("markdown", "html", "json"):
        text = CommandLine(base.root)(*words, output_format).fine().out
        assert f"\u2068{WHO_READS}\u2069" in text
        assert "\u202e" not in text
        assert HABITS in text
        assert text.count("\u2068") == text.count("\u2069")
