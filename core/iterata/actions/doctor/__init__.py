"""`iterata doctor`: what is installed, what works, and what would change figures. Nothing is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata.actions.doctor import installation
from iterata.actions.doctor.finding import Finding, Part, State

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Diagnosis", "Finding", "Part", "State", "diagnose"]


class Diagnosis(NamedTuple):
    """Everything that was looked at."""

    findings: list[Finding]

    @property
    def works(self) -> bool:
        """Whether nothing is broken that is needed."""
        return all(finding.state is not State.PROBLEM for finding in self.findings)


def diagnose(start: Path) -> Diagnosis:
    """Look at this installation, and at the knowledge base around a folder if there is one.

    Args:
        start: a folder in the knowledge base, or any other folder.
    """
    installed = Diagnosis([*installation.findings()])
    if not installed.works:
        message, fix = "not looked at, because of the problems above", "repair the installation first"
        return Diagnosis(
            [*installed.findings, Finding(Part.KNOWLEDGE_BASE, "mkdocs.yml", State.ABSENT, "", message, fix)]
        )
    from iterata.actions.doctor import knowledge_base  # noqa: PLC0415  # needs packages that may be broken

    return Diagnosis([*installed.findings, *knowledge_base.findings(start)])
