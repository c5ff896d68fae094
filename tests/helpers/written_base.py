"""Small knowledge bases of documents with only what the read model needs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from iterata import knowledge
from iterata.repository.projects import Repository
from iterata.repository.tree import DiskTree

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from iterata.knowledge import Knowledge


class WrittenBase:
    """Writes documents, whose front matter is given as JSON values by key, and reads them all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def document(self, path: str, status: str, *, prose: str = "Prose.", **values: Any) -> None:
        """Write a document such as `churn/01-setup/report`; its title is its path."""
        file = self.root / f"projects/{path}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        head = {"stage": file.stem, "title": path, "status": status, "owners": ["data science"], **values}
        lines = "\n".join(f"{key}: {json.dumps(value)}" for key, value in head.items())
        file.write_text(f"---\n{lines}\n---\n\n{prose}\n", "utf-8")

    def report(
        self, iteration: str, findings: Mapping[str, Mapping[str, Any]], on: str = "2026-03-02", **values: Any
    ) -> None:
        """Write an approved report with findings by id; `values` may say otherwise."""
        entries = [finding(identifier, **more) for identifier, more in findings.items()]
        given = {"status": "approved", "approvals": [{"role": "product", "on": on}], "findings": entries}
        self.document(f"{iteration}/report", **{**given, **values})

    def read(self) -> Knowledge:
        """The read model of all documents as they are now."""
        return knowledge.read(Repository(DiskTree(self.root)))


def finding(identifier: str, **more: Any) -> dict[str, Any]:
    """A valid finding."""
    return {
        "id": identifier, "statement": f"Finding {identifier}.", "kind": "insight", "evidence": "a table",
        **more,
    }  # fmt: skip
