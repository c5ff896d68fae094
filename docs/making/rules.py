"""The page of rules and gates, from the list that `iterata rule` reads."""

from __future__ import annotations

from itertools import groupby

from iterata.rules.explained import CODES, Explained
from making.text import fence, markdown_page

FAMILIES = {
    "DOC": "Front matter",
    "TREE": "Files and folders",
    "LIFE": "Life of a document",
    "PLAN": "Plans",
    "REF": "Ids and findings",
    "RES": "Results and their tables",
    "SUSP": "Suspect documents",
    "MOVE": "What a pull request may change",
    "REVIEW": "Approvals",
    "SCOPE": "Scope",
    "REP": "Reports",
    "GATE": "Gates",
}


def page() -> str:
    """The whole page."""
    return markdown_page(
        "Rules and gates",
        "`iterata check` names a code with every problem, and `iterata rule CODE` prints what stands here. A "
        "code never changes its meaning. How much a rule matters is "
        "[a setting](../configuration.md#severity-of-rules).",
        *(
            f"## {FAMILIES.get(family, family)}\n\n" + "\n\n".join(_rule(rule) for rule in rules)
            for family, rules in groupby(CODES.values(), _family)
        ),
    )


def _family(rule: Explained) -> str:
    return rule.code.rstrip("0123456789")


def _rule(rule: Explained) -> str:
    asked = f"\n\nAsked of {rule.asked_of}." if rule.asked_of else ""
    return (
        f"### {rule.code}\n\n**{rule.asks}** {rule.why}{asked}\n\n"
        f"Refused:\n\n{fence('yaml', rule.failing)}\n\nMended:\n\n{fence('yaml', rule.mended)}"
    )
