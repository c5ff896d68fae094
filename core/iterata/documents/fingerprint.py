"""Digests of what a document or a plan says, untouched by layout, comments and the fields that tools own."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from iterata.documents import blocks

if TYPE_CHECKING:
    from collections.abc import Mapping

TOOL_OWNED = frozenset(
    {"status", "approvals", "written_against", "superseded_by", "abandoned", "decision", "plan_digest"}
)
"""Front matter that later transitions write; it is no part of what the author said."""


def digest(data: object) -> str:
    """`sha256:…` of plain data in canonical JSON."""
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def fingerprint(data: Mapping[str, Any]) -> str:
    """A digest of what others rely on: the front matter without the keys that tools own, and without errata.

    Prose is not part of it. A change of substance to an agreed document shows in its front matter, as a
    revision, an amendment or a changed field; a mended slip of the pen should make nobody look again.
    """
    return digest({key: value for key, value in data.items() if key not in TOOL_OWNED and key != "errata"})


def prose(body: str) -> str:
    """What an author wrote below the front matter: no generated blocks, and no matter how it is wrapped."""
    kept, end = [], 0
    for block in blocks.find(body)[0].values():
        kept.append(body[end : block.start])
        end = block.end
    return " ".join("".join([*kept, body[end:]]).split())


def plan_digest(plan: Mapping[str, Any]) -> str:
    """The digest by which a result file names the plan it carried out."""
    return digest(plan)
