"""Hostile text in any field: a summary keeps its structure, and `check` keeps each problem on its own lines.

Every text of every document and result is replaced by text that a terminal, a browser or a code host could
interpret: once only where the document stays valid, which shows the text in as many places as possible, and
once everywhere, which makes problems quote it.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt
from pydantic import ValidationError

from iterata.documents import model_of
from iterata.documents.yaml.dumper import dump
from iterata.errors import DataError
from iterata.repository import config as configuration
from iterata.results.store import parse as parse_result
from iterata.review.changes import compare
from iterata.review.review import review
from iterata_cli.formats import format_problems

from ...helpers.command_line import CommandLine
from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TREE = """
    churn
      requirements: approved
      01-setup
        assessment: approved
        lift.json
        proposal: approved
        experiment: completed
        experiment.json
        report: approved
        deployment: reverted
    wine
      requirements: abandoned
"""

HOSTILE = {
    "tags": "<img src=x onerror=alert(1)><script>alert(1)</script></td></table><!-- <h1>",
    "columns": "| a | b |\n|---|---|\n| c | d |",
    "headings": "# One\n\n## Two\n\nThree\n=====\n\nFour\n----\n",
    "heading": "# One",
    "links": "[a](javascript:alert(1)) ![b](https://evil.example/c.png) <https://evil.example> [d]: //evil",
    "addresses": "https://evil.example www.evil.example ftp://evil.example mailto:eve@evil.example",
    "mentions": "@octocat (@our/team) #1 our/repository#12 GH-7 @- !12 &3 ~bug %v1 $5",
    "fences": "```\n~~~\n` `` code",
    "blocks": "> quoted\n\n1. one\n\n- two\n\n***\n\n    indented",
    "styles": "**bold** _slanted_ *so* ~~gone~~ \\ \\\\ &lt;b&gt; &#60;i&#62; $\\color{red}{x}$ :tada:",
    "commands": "::error file=x::y\r\n::set-output name=x::y%0A::warning::z%0D%0A##[group]x",
    "terminals": "\x1b[31m\x1b]0;title\x07\x9b1m\u202eright to left\u2066\x00\x7f\u2028next",
    "shells": "$(touch PWNED) `touch PWNED` ; touch PWNED & {{ 7*7 }} {% x %} ${{ github.token }}",
    "paths": "../../outside.txt",
    "rooted paths": "/etc/passwd",
    "long text": "x" * 2_000,
    "blank": " ",
}

TITLES = {
    "Status changes", "Code that a run would execute", "Problems to fix", "Next gates", "Expected lift",
    "Results", "Findings", "Have we tried this?", "Suspect documents", "How much approved prose changes",
    "What this pull request changes about the rules", "Results that cannot be read",
}  # fmt: skip

OUTSIDE = "secret outside the repository"


def texts(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all texts."""
    if isinstance(data, str):
        yield path
    elif isinstance(data, dict | list):
        for key, value in data.items() if isinstance(data, dict) else enumerate(data):
            yield from texts(value, (*path, key))


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy with another value at one path."""
    changed = block = deepcopy(data)
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = value
    return changed


def poisoned(data: Any, hostile: str, check: Callable[[Any], Any] | None) -> Any:
    """A copy with `hostile` as every text, or as every text that passes `check`."""
    for path in texts(data):
        changed = replaced(data, path, hostile)
        try:
            _ = check(changed) if check else None
        except (ValidationError, DataError):
            continue
        data = changed
    return data


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    root = tmp_path_factory.mktemp("hostile")
    (root / "outside.txt").write_text(OUTSIDE, "utf-8")
    base = KnowledgeBase(root / "base")
    base.write("README.md", "Ours.\n")
    base.in_git()
    return base


def write(base: KnowledgeBase, hostile: str, *, valid: bool) -> int:
    """Replace all texts of all files; return the number of replacements."""
    base.grow(TREE)
    replacements = 0
    for document in list(base.repository.documents):
        check = model_of(document.stage).model_validate if valid else None
        data = poisoned(document.data, hostile, check)
        replacements += json.dumps(data).count(json.dumps(hostile))
        base.write(document.path, f"---\n{dump(data)}---\n\n{hostile}")
    for kind in ("lift", "experiment"):
        path = f"projects/churn/01-setup/results/{kind}.json"
        check = (lambda data, kind=kind: parse_result(kind, json.dumps(data), "x")) if valid else None
        data = poisoned(json.loads(base.read(path)), hostile, check)
        replacements += json.dumps(data).count(json.dumps(hostile))
        base.write(path, json.dumps(data))
    return replacements


@pytest.mark.parametrize("valid", [True, False], ids=["valid", "everywhere"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_escaped(repository: KnowledgeBase, name: str, *, valid: bool) -> None:
    replacements = write(repository, HOSTILE[name], valid=valid)
    assert replacements > (20 if valid and name not in {"blank", "long text"} else 0)
    iterata = CommandLine(repository.root)
    done = iterata("summary", "--base", "main")
    assert done.code == 0, done.err
    assert_plain_summary(done.out)
    done = iterata("check", "--base", "main")
    assert done.code == 1, done.err
    assert_text(done.out)
    config = configuration.load(repository.root)
    with compare(config, "main") as comparison:
        problems, tree = review(comparison, config.root).own, comparison.head.tree
        printed = {form: format_problems(form, problems, config.root, tree) for form in FORMATS}
    for form, well_formed in FORMATS.items():
        well_formed(printed[form])
    for text in (done.output, *printed.values()):
        assert OUTSIDE not in text
        assert "root:" not in text
    assert not list(repository.root.rglob("PWNED"))


def assert_plain_summary(text: str) -> None:
    """Parsed as a code host does, the text has no markup except that of the summary itself."""
    assert len(text) < 65_536
    assert OUTSIDE not in text
    assert all(char.isprintable() or char in "\n\N{ZERO WIDTH SPACE}" for char in text)
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    heading = False
    for token in tokens:
        assert token.type not in {
            "html_block", "fence", "code_block", "blockquote_open", "hr", "ordered_list_open",
        }, token.content  # fmt: skip
        if token.type == "heading_open":
            assert (token.tag, token.level) == ("h2", 0)
        if token.type == "inline":
            assert not heading or token.content in TITLES
            _assert_inert(token.children or [])
        heading = token.type == "heading_open"
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        columns = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in block.splitlines()}
        assert len(columns) == 1, block


def _assert_inert(inline: list[Any]) -> None:
    for token in inline:
        assert token.type in {
            "text", "code_inline", "strong_open", "strong_close", "em_open", "em_close", "text_special",
        } or token.type == "softbreak", (token.type, token.content)  # fmt: skip
    words = "".join("\0" if token.type == "code_inline" else token.content for token in inline)
    acted_upon = r"@[\w-]|~\w|%[a-z]|[#!&$]\d|\bGH-\d|://|\bwww\."
    assert not re.search(acted_upon, words, re.IGNORECASE), words


def assert_text(out: str) -> None:
    assert all(char.isprintable() or char == "\n" for char in out)


def _assert_json(out: str) -> None:
    assert json.loads(out)["problems"]


def _assert_sarif(out: str) -> None:
    assert json.loads(out)["runs"][0]["results"]


def _assert_code_quality(out: str) -> None:
    entries = json.loads(out)
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) > 0


def _assert_commands(out: str) -> None:
    for line in out.split("\n"):
        assert re.match(r"::(error|warning|notice) file=[^\s:]+,line=\d+", line), line
        assert "\r" not in line


FORMATS: dict[str, Callable[[str], None]] = {
    "json": _assert_json,
    "sarif": _assert_sarif,
    "github": _assert_commands,
    "gitlab": _assert_code_quality,
}
