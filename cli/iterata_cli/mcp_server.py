"""The tools that assistants call, over standard input and output. Only `iterata mcp` imports this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from iterata import __version__
from iterata.actions import lookup
from iterata.actions.lookup import (
    LONGEST_QUERY,
    MOST_FINDINGS,
    MOST_IDEAS,
    DocumentAnswer,
    FindingsAnswer,
    IdeasAnswer,
    Lookup,
    RuleAnswer,
)
from iterata.documents.models.enums import FindingKind, Verdict  # noqa: TC001  # the SDK evaluates annotations
from iterata.errors import IterataError
from iterata.knowledge.finding_status import FindingStatus  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeVar

    from mcp.server import MCPServer

    T = TypeVar("T")

INSTRUCTIONS = (
    "What a team learned in its machine-learning projects: findings, hypotheses and decisions, from "
    "documents in Git. Before you propose an experiment, call `similar`. Cite a finding by its key. "
    + lookup.NOTE
)

Words = Annotated[str, Field(max_length=LONGEST_QUERY, description="Words, in any order; empty for all.")]
Text = Annotated[
    str, Field(min_length=1, max_length=LONGEST_QUERY, description="What is about to be tried, in sentences.")
]
Offset = Annotated[int, Field(ge=0, le=10_000_000, description="Where to begin; `next_offset` of an answer.")]
Project = Annotated[str | None, Field(max_length=200, description="The name of the project's folder.")]
Tag = Annotated[str | None, Field(max_length=200, description="One tag of the finding.")]
Name = Annotated[
    str,
    Field(
        max_length=500,
        description="A path, `project/01-setup/report`, or a finding such as project/01-setup#F1.",
    ),
]
Code = Annotated[str, Field(max_length=40, description="What `iterata check` printed, such as DOC006.")]


def server(folder: Path) -> MCPServer:
    """A server that answers questions about the knowledge base in a folder."""
    from mcp.server import MCPServer  # noqa: PLC0415  # of an extra
    from mcp.types import ToolAnnotations  # noqa: PLC0415

    made = MCPServer("iterata", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")
    read_only = ToolAnnotations(
        read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
    )
    for tool in _tools(Lookup(folder)):
        made.add_tool(tool, annotations=read_only, structured_output=True)
    return made


def _tools(found: Lookup) -> tuple[Callable[..., object], ...]:
    """The tools; the SDK makes their schemas from what they take and return."""

    def search_findings(
        *,
        query: Words = "",
        project: Project = None,
        tag: Tag = None,
        kind: FindingKind | None = None,
        verdict: Verdict | None = None,
        status: FindingStatus | None = None,
        limit: Annotated[int, Field(ge=1, le=MOST_FINDINGS)] = 10,
        offset: Offset = 0,
    ) -> FindingsAnswer:
        """Search findings by words and by what they are; the newest come first."""
        filters = {"project": project, "tag": tag, "kind": kind, "verdict": verdict, "status": status}
        return _told(lambda: found.search_findings(query, filters, limit, offset))

    def similar(
        text: Text, project: Project = None, limit: Annotated[int, Field(ge=1, le=MOST_IDEAS)] = 5
    ) -> IdeasAnswer:
        """Have we tried this? Find findings, hypotheses, abandoned plans and put-off ideas like a text.

        Those of other projects than `project` come first.
        """
        return _told(lambda: found.similar(text, project or "", limit))

    def get_document(name: Name, offset: Offset = 0) -> DocumentAnswer:
        """Read a stage document: requirements, assessment, proposal, experiment, report or deployment."""
        return _told(lambda: found.document(name, offset))

    def explain_rule(code: Code) -> RuleAnswer:
        """Explain a rule of `iterata check` or a gate, with an example that it refuses and its correction."""
        return _told(lambda: lookup.explain_rule(code))

    return search_findings, similar, get_document, explain_rule


def _told(answer: Callable[[], T]) -> T:
    """An answer; what is wrong with a question is told to the client, with the fix."""
    from mcp.server.mcpserver.exceptions import ToolError  # noqa: PLC0415  # of an extra

    try:
        return answer()
    except IterataError as error:
        where = f"{error.where}: " if error.where else ""
        raise ToolError(f"{where}{error.message}; fix: {error.remedy}") from None
