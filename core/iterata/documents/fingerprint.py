"""Digests of documents and plans, independent of layout, comments and the keys that commands write."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from iterata.documents import blocks

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

TOOL_OWNED = frozenset(
    {
        "status",
        "approvals",
        "written_against",
        "superseded_by",
        "abandoned",
        "decision",
        "plan_digest",
        "code_digest",
        "schema_version",
    }
)
"""Keys that later transitions write; they are not the author's content."""


_CANONICAL = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str, check_circular=False
)
"""Without a check for circles, which data of a document never have; it takes a fifth of the time."""


def digest(data: object) -> str:
    """`sha256:…` of plain data in canonical JSON."""
    return f"sha256:{hashlib.sha256(_CANONICAL.encode(data).encode()).hexdigest()}"


def fingerprint(data: Mapping[str, object]) -> str:
    """The digest of what other documents rely on: the front matter without errata and tool-owned keys.

    Prose is not part of it. A change of content of an approved document is visible in its front matter, as
    a revision, an amendment or another value. A corrected misspelling needs no new review.
    """
    content = {key: value for key, value in data.items() if key not in TOOL_OWNED and key != "errata"}
    return digest(without_links(content))


def without_links(data: Mapping[str, object]) -> Mapping[str, object]:
    """The front matter without what its plan's hypotheses list as `tests`.

    These links change nothing that is run or decided. They may be added to a plan that was approved before,
    without new approvals and without another run.
    """
    plan = data.get("plan")
    return {**data, "plan": _unlinked(plan)} if isinstance(plan, dict) else data


def _unlinked(plan: Mapping[str, object]) -> Mapping[str, object]:
    hypotheses = plan.get("hypotheses")
    if not isinstance(hypotheses, list) or not any(
        isinstance(entry, dict) and "tests" in entry for entry in hypotheses
    ):
        return plan
    kept = [
        {key: value for key, value in entry.items() if key != "tests"} if isinstance(entry, dict) else entry
        for entry in hypotheses
    ]
    return {**plan, "hypotheses": kept}


def prose(body: str, named: Collection[str] = ()) -> str:
    """What the author wrote below the front matter, without generated blocks and line breaks.

    Of the blocks in `named`, the begin markers stay, which shows where they are.
    """
    parts, end = [], 0
    for block in blocks.find(body)[0].values():
        parts.append(body[end : block.start])
        if block.name in named:
            parts.append(f"\n<!-- iterata:begin {block.name} -->\n")
        end = block.end
    return " ".join("".join([*parts, body[end:]]).split())


def plan_digest(plan: Mapping[str, object], inherited: Mapping[str, object] | None = None) -> str:
    """The digest by which a result file identifies the plan it belongs to.

    Args:
        plan: the plan as its document has it.
        inherited: what the plan takes from the assessment; an amended assessment changes the digest.
    """
    plan = _unlinked(plan)
    return digest({"plan": plan, "inherited": inherited} if inherited else plan)
