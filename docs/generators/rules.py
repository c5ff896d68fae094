"""The reference page of rules and gates, from the catalogue that `iterata rule` reads."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from generators.text import fence, markdown_page
from iterata.rules.catalogue import RULES

if TYPE_CHECKING:
    from iterata.rules.rule import Rule

FAMILIES = {
    "DOC": "Front matter",
    "TREE": "Files and folders",
    "LIFE": "Life of a document",
    "PLAN": "Plans",
    "REF": "Ids and findings",
    "RES": "Results and their tables",
    "REL": "Releases",
    "SUSP": "Suspect documents",
    "MOVE": "What a pull request may change",
    "REVIEW": "Approvals",
    "SCOPE": "Scope",
    "REP": "Reports",
    "GATE": "Gates",
}


def page() -> str:
    """The whole page: each family once, in the order of the catalogue, its rules by number."""
    families = list(dict.fromkeys(_family(rule) for rule in RULES.values()))
    ordered = sorted(RULES.values(), key=lambda rule: (families.index(_family(rule)), rule.code))
    return markdown_page(
        "Rules and gates",
        "`iterata check` shows a code with every problem, and `iterata rule CODE` prints its entry on this "
        "page. A code never changes its meaning. How much a rule matters is "
        "[a setting](../configuration.md#severity-of-rules).",
        *(
            f"## {FAMILIES.get(family, family)}\n\n" + "\n\n".join(_rule(rule) for rule in rules)
            for family, rules in groupby(ordered, _family)
        ),
    )


def _family(rule: Rule) -> str:
    return rule.code.rstrip("0123456789")


def _rule(rule: Rule) -> str:
    applies_to = f"\n\nApplies to {rule.applies_to}." if rule.applies_to else ""
    return (
        f"### {rule.code}\n\n**{rule.summary}** {rule.why}{applies_to}\n\n"
        f"Refused:\n\n{fence('yaml', rule.bad)}\n\nCorrected:\n\n{fence('yaml', rule.good)}"
    )
