"""Have we tried this? Which earlier ideas are found, in which order, and which never."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from iterata import knowledge
from iterata.knowledge.ideas import Idea, IdeaKind, ideas_in_repository, ideas_of, intentions
from iterata.knowledge.similar import MIN_SIMILARITY, MOST, MOST_COMPARED, Ideas, TriedBefore
from iterata.repository.projects import Repository
from iterata.repository.tree import DiskTree

from ...helpers.knowledge_base import KnowledgeBase

if TYPE_CHECKING:
    from iterata.knowledge import IterationView

PAIRS = yaml.safe_load((Path(__file__).parent / "tried_pairs.yaml").read_text("utf-8"))


def idea(text: str, project: str = "churn", iteration: str = "01-setup") -> Idea:
    return Idea(IdeaKind.FINDING, text, project, iteration, "report.md", "F1", "insight", False)


def test_recall_of_pairs() -> None:
    """The share of the pairs whose earlier sentence is among the five ideas that are shown."""
    ideas = Ideas(idea(pair["earlier"], str(number)) for number, pair in enumerate(PAIRS))
    shown = [[match.idea.project for match in ideas.similar([pair["idea"]])] for pair in PAIRS]
    hits = sum(str(number) in projects for number, projects in enumerate(shown))
    others = sum(map(len, shown)) - hits
    assert hits / len(PAIRS) >= 0.82
    assert others / len(PAIRS) <= 0.6


def test_recall_of_findings_that_confirm_others() -> None:
    """Findings of the examples whose authors linked them to an earlier one, among all other ideas there."""
    read = knowledge.read(Repository(DiskTree(Path(__file__).parents[3])))
    ideas = Ideas(ideas_of(read))
    linked = [(finding, key) for finding in read.findings for key in finding.supports]
    found = [
        key in {match.idea.key for match in ideas.similar([finding.statement], most=MOST + 1)}
        for finding, key in linked
    ]
    assert len(linked) >= 6
    assert sum(found) >= 4


def test_rare_words_weigh_more_than_common_ones() -> None:
    texts = ["customers of caravans", *(f"customers buy {thing}" for thing in ("wine", "bread", "shoes"))]
    ideas = Ideas(map(idea, texts))
    assert ideas.similar(["what customers with caravans buy"])[0].idea.text == "customers of caravans"


def test_other_projects_come_first_and_five_are_shown() -> None:
    own = [idea(f"calls keep customers {word}", "churn") for word in ("one", "six", "ten", "old", "new")]
    others = [idea(f"calls annoy all customers {word}", "wine") for word in ("red", "dry", "old", "new")]
    shown = [match.idea.project for match in Ideas(own + others).similar(["calls keep customers"], "churn")]
    assert shown == ["wine", "wine", "wine", "churn", "churn"]
    alone = Ideas(own).similar(["calls keep customers"], "churn")
    assert len(alone) == MOST, "the project's own ideas take the places that others leave"
    assert [match.similarity for match in alone] == sorted((m.similarity for m in alone), reverse=True)


@pytest.mark.parametrize("text", ["", "the and of", "12 34", "zebra crossing"])
def test_nothing_is_similar_to_words_without_a_subject(text: str) -> None:
    assert Ideas([idea("the reason and the findings of customers")]).similar([text]) == []
    assert Ideas([]).similar([text]) == []


def test_words_without_spaces_are_compared() -> None:
    ideas = Ideas([idea("解約の前に電話が増える"), idea("天気は売上に影響しない")])
    assert ideas.similar(["電話の多い顧客は解約する"])[0].idea.text.startswith("解約")


TREE = """
churn
  requirements: approved
  01-setup
    assessment: approved
    proposal: approved
    report: approved
  02-calls
    proposal: draft
wine
  01-setup
    assessment: draft
    proposal: abandoned
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    base = KnowledgeBase(tmp_path_factory.mktemp("tried") / "base").grow(TREE)
    for place in ("churn/01-setup", "churn/02-calls", "wine/01-setup"):
        base.set(f"{place}/proposal", "plan.hypotheses[0].claim", "Calls on Mondays keep customers.")
    block = {"kind": "feature", "follows": "01-setup", "inherits_assessment": "01-setup"}
    base.set("churn/02-calls/proposal", "iteration", block)
    base.set("wine/01-setup/proposal", "title", "Wine by telephone")
    base.set("wine/01-setup/assessment", "alternatives[0].verdict", "later")
    return base


def iteration(base: KnowledgeBase, ref: str) -> tuple[TriedBefore, IterationView]:
    read = knowledge.read(base.repository)
    return TriedBefore(read), next(view for view in read.iterations if view.ref == ref)


def test_neither_the_iteration_nor_the_one_that_it_follows_is_similar(base: KnowledgeBase) -> None:
    tried, view = iteration(base, "churn/02-calls")
    found = tried.similar_to(view)
    assert found
    assert {match.idea.place for match in found} == {"wine/01-setup"}
    tried, followed = iteration(base, "churn/01-setup")
    assert "churn/02-calls" not in {match.idea.place for match in tried.similar_to(followed)}


def test_ideas_are_findings_hypotheses_alternatives_ends_and_next_steps(base: KnowledgeBase) -> None:
    read = knowledge.read(base.repository)
    labels = {(found.place, found.kind, found.outcome) for found in ideas_of(read)}
    assert {
        ("churn/01-setup", "finding", "insight"),
        ("churn/01-setup", "hypothesis", "supported"),
        ("churn/01-setup", "next", ""),
        ("churn/02-calls", "hypothesis", ""),
        ("wine/01-setup", "abandoned", ""),
        ("wine/01-setup", "finding", "negative"),
        ("wine/01-setup", "alternative", "later"),
    } <= labels
    assert list(ideas_in_repository(base.repository)) == list(ideas_of(read))
    provisional = {found.place for found in ideas_of(read) if found.provisional}
    assert provisional == {"churn/02-calls", "wine/01-setup"}


def test_what_is_still_to_be_filled_in_is_no_idea(base: KnowledgeBase) -> None:
    base.set("churn/02-calls/proposal", "title", "Calls: technical proposal")
    document = base.parsed("churn/02-calls/proposal")
    assert intentions(document) == ["Calls on Mondays keep customers."], "its title is the template's"
    base.set("wine/01-setup/proposal", "plan.hypotheses[0].claim", "TODO: the claim")
    read = knowledge.read(base.repository)
    assert not [found for found in ideas_of(read) if found.text.startswith("TODO")]


def test_many_ideas_with_the_same_words_are_not_all_compared() -> None:
    """The time of a query is bounded, and the idea that shares a rare word is found among them."""
    same = [idea(f"calls keep customers {number}", f"p{number}") for number in range(3 * MOST_COMPARED)]
    ideas = Ideas([*same, idea("calls keep zebras and customers", "zoo")])
    assert len(list(ideas._index.scores("calls keep customers and zebras"))) == MOST_COMPARED
    best = ideas.similar(["calls keep customers and zebras"])
    assert best[0].idea.project == "zoo"
    assert all(match.similarity >= MIN_SIMILARITY for match in best)
