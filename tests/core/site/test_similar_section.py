"""The section of a page that answers: have we tried this?"""

from __future__ import annotations

from iterata.knowledge.ideas import Idea, IdeaKind
from iterata.knowledge.similar import Similar
from iterata.site.render import environment


def section(*ideas: Idea) -> str:
    matches = [Similar(idea, 0.5, "what is tried") for idea in ideas]
    macro = getattr(environment().get_template("similar.html.j2").module, "section")  # noqa: B009
    return str(macro(matches, lambda path: f"../{path}"))


def idea(text: str, *, provisional: bool = False) -> Idea:
    return Idea(IdeaKind.HYPOTHESIS, text, "churn", "01-setup", "report.md", "H1", "refuted", provisional)


def test_ideas_are_links_with_their_kind_and_marked_if_provisional() -> None:
    html = section(idea("Calls keep customers."), idea("Letters do.", provisional=True))
    assert html.count("<li>") == 2
    assert '<a href="../report.md"><bdi>Calls keep customers.</bdi></a>' in html
    assert html.count("hypothesis, refuted") == 2
    assert html.split("<li>")[1].count("provisional") == 0
    assert "provisional" in html.split("<li>")[2]


def test_text_of_an_idea_is_escaped() -> None:
    html = section(idea("<script>alert(1)</script>"))
    assert "<script>" not in html


def test_without_ideas_there_is_no_section() -> None:
    assert section().strip() == ""
