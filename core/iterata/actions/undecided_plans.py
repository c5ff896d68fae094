"""About which plans a check asks whether they were tried before. Few have to, so it imports little."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iterata.lifecycle.context import context_at
from iterata.stages import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from iterata.lifecycle.context import DocumentContext
    from iterata.repository.projects import Repository

MOST_READ = 100
"""How many documents a check reads for this alone; with more, or with more projects, it says nothing."""

MOST_CHANGED = 10
"""With more changed plans than this, a check says nothing: nobody writes that many at once."""


def undecided_plans(repository: Repository, paths: Iterable[str]) -> list[DocumentContext]:
    """The changed plans that are not agreed yet; none if it would take time to compare them."""
    changed = [path for path in paths if path.endswith(f"/{Stage.PROPOSAL.filename}")]
    if not 1 <= len(changed) <= MOST_CHANGED or len(repository.projects) > MOST_READ:
        return []
    found = (context_at(repository, path) for path in changed)
    plans = [context for context in found if context and context.document.is_provisional]
    return plans if plans and repository.unread_documents <= MOST_READ else []
