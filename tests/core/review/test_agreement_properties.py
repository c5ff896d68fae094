"""Random sequences of pull requests, merged if their changes are accepted: what main has was agreed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from iterata.documents.fingerprint import prose

from ...helpers.knowledge_base import KnowledgeBase
from .sequences import (
    ASSESSMENT,
    PROPOSAL,
    REPORT,
    REQUIREMENTS,
    TREE,
    Sequence,
    amendment,
    append,
    approvals,
    delete,
    move,
    set_fields,
)

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTS = (REQUIREMENTS, ASSESSMENT, PROPOSAL, REPORT)
REASONS = {REQUIREMENTS: "revisions", PROPOSAL: "amendments", REPORT: "amendments"}
BOOKKEEPING = {
    "status", "approvals", "written_against", "plan_digest", "code_digest", "errata", "amendments",
    "revision", "revisions", "abandoned", "superseded_by",
}  # fmt: skip
BEGINNING = date(2026, 5, 1)
FINDING = {"id": "F9", "statement": "It was.", "kind": "negative", "evidence": "the minutes"}


class Agreement(NamedTuple):
    """What main has of a document that is approved."""

    content: dict[str, Any]
    prose: str
    approvals: list[dict[str, Any]]
    reasons: int


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = KnowledgeBase(tmp_path_factory.mktemp("template") / "base").grow(TREE)
    base.in_git()("tag", "agreed")
    return base.root


class Team(Sequence):
    """Takes random steps; a day passes with each."""

    day = BEGINNING

    def exists(self, path: str) -> bool:
        return (self.base.root / f"projects/{path}.md").is_file()

    def take(self, step: str, path: str) -> None:
        self.day += timedelta(days=1)
        today = self.day.isoformat()
        if step == "restore":
            self.base.write(f"projects/{path}.md", self.git("show", f"agreed:projects/{path}.md") + "\n")
        elif not self.exists(path):
            return
        elif step == "reason":
            self._give_reason(path, today)
        else:
            changes = {
                "open": set_fields(path, status="draft"),
                "open without approvals": set_fields(path, status="draft", approvals=[]),
                "retitle": set_fields(path, title=f"Title of {today}"),
                "approve": set_fields(path, status="approved", approvals=approvals(today)),
                "approve as before": set_fields(path, status="approved", approvals=approvals("2026-03-02")),
                "erratum": set_fields(path, errata=[{"on": today, "what": "A word."}]),
                "write": append(path, "\nOne more sentence.\n"),
                "abandon": set_fields(
                    path, status="abandoned", abandoned={"on": today, "why": "Over.", "findings": [FINDING]}
                ),
                "delete": delete(f"{path}.md"),
                "move": move(f"{path}.md", f"{path.replace('01-setup', '02-more')}.md"),
            }
            changes[step](self)

    def _give_reason(self, path: str, today: str) -> None:
        data = self.base.parsed(path).data
        if path == REQUIREMENTS:
            revision = data.get("revision", 1) + 1
            entry: dict[str, Any] = {"revision": revision, "on": today, "reason": "A market."}
            set_fields(path, revision=revision, revisions=[*data.get("revisions", []), entry])(self)
        elif path in REASONS:
            set_fields(path, amendments=[*data.get("amendments", []), amendment(today)])(self)

    def agreement(self, path: str) -> Agreement | None:
        """What main has of a document; None if it has none, or not in an agreed status."""
        if not self.exists(path):
            return None
        document = self.base.parsed(path)
        if document.data["status"] not in ("approved", "abandoned", "superseded"):
            return None
        content = {key: value for key, value in document.data.items() if key not in BOOKKEEPING}
        reasons = len(document.data.get(REASONS.get(path, ""), []))
        return Agreement(content, prose(document.body), document.data.get("approvals", []), reasons)


STEPS = (
    "open", "open without approvals", "retitle", "approve", "approve", "approve as before", "reason",
    "erratum", "write", "abandon", "delete", "move", "restore",
)  # fmt: skip


def assert_agreed(path: str, before: Agreement, now: Agreement) -> None:
    """Agreed content is the content that was agreed last, or has a new agreement."""
    if before.content != now.content:
        assert path in REASONS
        assert now.reasons > before.reasons or path == REPORT
        assert now.approvals
        assert not [approval for approval in now.approvals if approval in before.approvals]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["squash", "merge", "fast_forward"]),
    st.sampled_from(DOCUMENTS),
    st.lists(st.lists(st.sampled_from(STEPS), min_size=1, max_size=3), min_size=2, max_size=5),
)
def test_main_has_what_was_agreed(
    template: Path,
    tmp_path_factory: pytest.TempPathFactory,
    method: Any,
    path: str,
    requests: list[list[str]],
) -> None:
    team = Team(template, tmp_path_factory.mktemp("walk") / "base", method)
    agreed = team.agreement(path)
    assert agreed is not None
    for steps in requests:
        main = team.git("rev-parse", "refs/heads/main")
        commits = [lambda team, step=step: team.take(step, path) for step in steps]
        if team.pull_request(*commits):
            team.git("update-ref", "refs/heads/main", main)
            team.git("checkout", "--quiet", "--force", "-B", "work", "refs/heads/main")
            continue
        assert team.exists(path), "it was agreed and is gone"
        now = team.agreement(path)
        if now is not None:
            assert_agreed(path, agreed, now)
            agreed = now
