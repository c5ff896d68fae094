"""Files that try to hang a command, exhaust its memory, or be executed: each is reported within seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ...helpers.command_line import CommandLine
from .test_hostile_text import FORMATS, assert_plain_summary, assert_text

if TYPE_CHECKING:
    from ...helpers.knowledge_base import KnowledgeBase

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
"""

DOUBLED = "\n".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 30))
MERGED = "\n".join(f"x{n}: &x{n} {{<<: [{', '.join([f'*x{n - 1}'] * 9)}]}}" for n in range(1, 30))
MANY = 5_000

FRONT_MATTER = {
    "aliases that double": f"x0: &x0 [a]\n{DOUBLED}",
    "merges that double": f"x0: &x0 {{a: b}}\n{MERGED}",
    "an alias of itself": "stage: &a [*a]",
    "ten megabytes": "title: " + "x" * 10_000_000,
    "just below a megabyte": "title: " + "x" * 990_000,
    "deep lists": "title: " + "[" * 100_000,
    "deep lists that end": "title: " + "[" * 50_000 + "]" * 50_000,
    "deep blocks": "title: " + "{a: " * 50_000,
    "deep lines": "\n".join(" " * n + "a:" for n in range(1_000)),
    "objects": "title: !!python/object/apply:os.system ['touch PWNED']",
    "modules": "title: !!python/name:os.system",
    "a long number": "title: " + "9" * 100_000,
    "a long base": "title: " + "1" + ":59" * 20_000,
    "many keys": "\n".join(f"k{n}: {n}" for n in range(MANY)),
    "many wrong entries": "findings:\n" + "- {}\n" * MANY,
    "one long key": "x" * 500_000 + ": 1",
    "many hypotheses": "plan:\n  hypotheses:\n" + "  - {id: H, claim: calls calls calls}\n" * MANY,
    "many ends": "---\n" * 100_000,
    "a long bracket": "title: " + "(" * 100_000,
}
BODIES = {
    "many markers": "<!-- iterata:begin lift -->\n" * 10_000,
    "an unfinished marker": "<!--" + " " * 200_000 + "iterata:begin",
    "blanks": " \t" * 100_000,
    "one long line": "a" * 1_000_000,
    "many lines": "\n" * 200_000,
    "todos": "[ ] TODO " * 20_000,
}
RESULTS = {
    "deep lists": "[" * 200_000,
    "deep blocks": '{"a":' * 100_000,
    "a long number": '{"kind": ' + "9" * 100_000 + "}",
    "not a number": '{"kind": NaN}',
    "half a surrogate pair": '{"kind": "\\ud800"}',
    "many entries": "[" + "{}," * 50_000 + "{}]",
    "nothing": "",
}


@pytest.fixture
def approved(base: KnowledgeBase) -> KnowledgeBase:
    base.grow(TREE)
    base.in_git()
    return base


def assert_reported(base: KnowledgeBase) -> None:
    """`check` reports a problem, and `summary` works, both within seconds."""
    iterata = CommandLine(base.root)
    start = time.process_time()
    for name, well_formed in {"text": assert_text, "sarif": FORMATS["sarif"]}.items():
        done = iterata("check", "--base", "main", "--format", name)
        assert done.code == 1, done.err[-2000:]
        well_formed(done.out)
        assert len(done.out) < 1_000_000
    done = iterata("summary", "--base", "main")
    assert done.code == 0, done.err[-2000:]
    assert_plain_summary(done.out)
    assert time.process_time() - start < 30, "three commands of about a second each"
    assert not list(base.root.rglob("PWNED"))


@pytest.mark.parametrize("name", FRONT_MATTER)
def test_hostile_front_matter_is_reported(approved: KnowledgeBase, name: str) -> None:
    """In a new document, and in an approved one."""
    text = f"---\nstage: report\nstatus: draft\n{FRONT_MATTER[name]}\n---\n"
    approved.write("projects/churn/01-setup/report.md", text)
    approved.write("projects/wine/requirements.md", text.replace("report", "requirements"))
    assert_reported(approved)


@pytest.mark.parametrize("name", BODIES)
def test_hostile_prose_is_reported(approved: KnowledgeBase, name: str) -> None:
    path = "projects/churn/01-setup/report.md"
    approved.write(path, approved.read(path) + BODIES[name] + "\nchanged\n")
    assert_reported(approved)


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("kind", ["lift", "experiment"])
def test_hostile_results_are_reported(approved: KnowledgeBase, kind: str, name: str) -> None:
    approved.write(f"projects/churn/01-setup/results/{kind}.json", RESULTS[name])
    assert_reported(approved)
