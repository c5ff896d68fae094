"""Files made to hang, to fill the memory, or to be carried out: each is a problem, and soon told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from ...helpers.command_line import CommandLine
from .test_hostile_words import FORMATS, is_only_a_summary

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
MANY = 20_000

FRONT_MATTER = {
    "aliases that double": f"x0: &x0 [a]\n{DOUBLED}",
    "merges that double": f"x0: &x0 {{a: b}}\n{MERGED}",
    "an alias of itself": "stage: &a [*a]",
    "ten megabytes": "title: " + "x" * 10_000_000,
    "a megabyte, less a little": "title: " + "x" * 990_000,
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
    "many markers": "<!-- iterata:begin lift -->\n" * 50_000,
    "a marker that hardly begins": "<!--" + " " * 200_000 + "iterata:begin",
    "blanks": " \t" * 500_000,
    "one long line": "a" * 5_000_000,
    "many lines": "\n" * 1_000_000,
    "not to be done": "[ ] TODO " * 100_000,
}
RESULTS = {
    "deep lists": "[" * 200_000,
    "deep blocks": '{"a":' * 100_000,
    "a long number": '{"kind": ' + "9" * 100_000 + "}",
    "no number": '{"kind": NaN}',
    "half a letter": '{"kind": "\\ud800"}',
    "many entries": "[" + "{}," * 200_000 + "{}]",
    "nothing": "",
}


@pytest.fixture
def agreed(base: KnowledgeBase) -> KnowledgeBase:
    base.grow(TREE)
    base.in_git()
    return base


def is_a_problem(base: KnowledgeBase) -> None:
    iterata = CommandLine(base.root)
    began = time.monotonic()
    for form, well_formed in FORMATS.items():
        done = iterata("check", "--base", "main", "--format", form)
        assert done.code == 1, done.err[-2000:]
        well_formed(done.out)
        assert len(done.out) < 1_000_000
    done = iterata("summary", "--base", "main")
    assert done.code == 0, done.err[-2000:]
    is_only_a_summary(done.out)
    assert time.monotonic() - began < 60, "five commands, each of which should take a second"
    assert not list(base.root.rglob("PWNED"))


@pytest.mark.parametrize("name", FRONT_MATTER)
def test_front_matter(agreed: KnowledgeBase, name: str) -> None:
    """Of a document beside the others, and of one that was agreed to."""
    text = f"---\nstage: report\nstatus: draft\n{FRONT_MATTER[name]}\n---\n"
    agreed.write("projects/churn/01-setup/report.md", text)
    agreed.write("projects/wine/requirements.md", text.replace("report", "requirements"))
    is_a_problem(agreed)


@pytest.mark.parametrize("name", BODIES)
def test_prose(agreed: KnowledgeBase, name: str) -> None:
    path = "projects/churn/01-setup/report.md"
    agreed.write(path, agreed.read(path) + BODIES[name] + "\nchanged\n")
    is_a_problem(agreed)


@pytest.mark.parametrize("name", RESULTS)
@pytest.mark.parametrize("kind", ["lift", "experiment"])
def test_results(agreed: KnowledgeBase, kind: str, name: str) -> None:
    agreed.write(f"projects/churn/01-setup/results/{kind}.json", RESULTS[name])
    is_a_problem(agreed)
