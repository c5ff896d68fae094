"""`iterata status --all`: the boards of all knowledge bases of a Git repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from iterata_cli.commands.status import Row, print_notes, rows_of
from iterata_cli.exits import Exit, print_error
from iterata_cli.knowledge_bases import Target, all_targets
from iterata_cli.output import format_table, on_one_line, print_data, print_json, print_message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iterata.errors import IterataError
    from iterata.knowledge import FindingView, Knowledge

MAX_FINDINGS = 5
"""How many of the latest findings are shown."""


class Board(NamedTuple):
    """The board of one knowledge base, or the error that it cannot be read for."""

    target: Target
    knowledge: Knowledge | None
    error: IterataError | None = None

    @property
    def name(self) -> str:
        """Its folder, relative to the top of the Git repository."""
        return self.target.folder

    @property
    def rows(self) -> list[Row]:
        """Its rows; commands begin with `iterata -C FOLDER`."""
        here = self.target.from_here
        rows = rows_of(self.knowledge) if self.knowledge else ()
        return [row._replace(command=here(row.command), remedy=here(row.remedy)) for row in rows]

    @property
    def findings(self) -> tuple[FindingView, ...]:
        """Its findings."""
        return self.knowledge.findings if self.knowledge else ()


def show_all(output_format: str) -> Exit:
    """Print the boards; one that cannot be read hides nothing of the others."""
    boards = list(_boards())
    for board in boards:
        if board.error is not None:
            print_error(board.error, board.target.prefix)
    if output_format == "json":
        print_json("status_all", {"knowledge_bases": [_as_json(board) for board in boards]})
    else:
        _print_table(boards)
    return Exit.PROBLEMS if any(board.error for board in boards) else Exit.FINE


def _boards() -> Iterator[Board]:
    from iterata.errors import IterataError  # noqa: PLC0415
    from iterata.knowledge import read  # noqa: PLC0415
    from iterata.repository.projects import Repository  # noqa: PLC0415

    for target in all_targets():
        try:
            config = target.load()
            if config is not None:
                yield Board(target, read(Repository.on_disk(config)))
        except IterataError as error:
            yield Board(target, None, error)


def _as_json(board: Board) -> dict[str, object]:
    error = board.error
    return {
        "folder": board.name,
        "iterations": [row._asdict() for row in board.rows],
        "findings": [
            {
                "key": finding.key,
                "kind": finding.kind.value,
                "statement": finding.statement,
                "decided_on": _day(finding) or None,
            }
            for finding in board.findings
        ],
        "error": {"where": error.where, "message": error.message, "remedy": error.remedy} if error else None,
    }


def _print_table(boards: Sequence[Board]) -> None:
    rows = [(board.name, *row[:5]) for board in boards for row in board.rows]
    if rows:
        headers = ("knowledge base", "iteration", "kind", "stage", "waits for", "who")
        print_data(format_table(headers, rows))
    for board in boards:
        if board.knowledge is not None and not board.rows:
            print_message(f"{on_one_line(board.name)}: there are no projects yet")
        if board.knowledge is not None:
            print_notes(board.knowledge, board.target.prefix)
    _print_findings(boards)
    _print_next_steps(boards)


def _print_findings(boards: Sequence[Board]) -> None:
    """Print how many findings there are, and those that were decided last."""
    findings = [(_day(finding), board, finding) for board in boards for finding in board.findings]
    if not findings:
        return
    bases = len({board.name for _, board, _ in findings})
    in_bases = f"{bases} knowledge {'base' if bases == 1 else 'bases'}"
    print_message(f"\nfindings: {len(findings)} in {in_bases}; the latest")
    latest = sorted(findings, key=lambda entry: entry[0], reverse=True)[:MAX_FINDINGS]
    for day, board, finding in latest:
        name = f"{board.target.prefix}{finding.key}"
        print_message(f"  {day or 'undecided '}  {on_one_line(name)}: {on_one_line(finding.statement)}")


def _day(finding: FindingView) -> str:
    """The day of the decision in the finding's document; empty if there is none yet."""
    decision = finding.document.data.get("decision")
    return str(decision.get("on") or "") if isinstance(decision, dict) else ""


def _print_next_steps(boards: Sequence[Board]) -> None:
    steps = [(board, row) for board in boards for row in board.rows if row.command or row.remedy]
    if steps:
        print_message("\nnext steps")
    for board, row in steps:
        print_message(f"  {board.target.prefix}{row.ref}: {row.command or on_one_line(row.remedy)}")
