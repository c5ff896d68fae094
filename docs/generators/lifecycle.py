"""The reference page of the lifecycle, from the tables of stages and gates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generators import diagram
from generators.members import meanings
from generators.text import code, codes, fence, markdown_page, table
from iterata.lifecycle.gates import GATES, Gate
from iterata.stages import FIRST_STAGE, LOOPS, STAGES, TRANSITIONS, IterationKind, Loop, Stage, Status, Track

if TYPE_CHECKING:
    from iterata.stages import Transition

COLOUR_NAMES = {Track.PRODUCT: "blue", Track.DOCUMENTATION: "green", Track.TECHNICAL: "yellow"}


def _picture() -> str:
    image = f'![{diagram.describe()}](../assets/lifecycle.svg){{ width="440" }}'
    source = fence("mermaid", diagram.mermaid())
    summary = "<summary>The same as Mermaid text</summary>"
    return f'{image}\n\n<details markdown="1">\n{summary}\n\n{source}\n\n</details>'


def _stages() -> str:
    rows = [
        [
            str(stage.number),
            f"**{info.title}**" + (" (optional)" if info.optional else ""),
            code(stage.filename),
            COLOUR_NAMES[info.track],
            info.owner,
            info.purpose,
        ]
        for stage, info in STAGES.items()
    ]
    return table(["", "stage", "document", "colour", "written by", "says"], rows)


def _colours() -> str:
    return "\n".join(f"- {meaning}" for meaning in meanings(Track).values())


def _transitions() -> str:
    shared: dict[tuple[Transition, ...], list[Stage]] = {}
    for stage, steps in TRANSITIONS.items():
        shared.setdefault(steps, []).append(stage)
    return "\n\n".join(_steps(stages, steps) for steps, stages in shared.items())


def _steps(stages: list[Stage], steps: tuple[Transition, ...]) -> str:
    rows = [[code(step.source), code(step.target), step.meaning] for step in steps]
    title = ", ".join(STAGES[stage].title for stage in stages)
    return f"### {title}\n\n{table(['from', 'to', 'meaning'], rows)}"


def _statuses() -> str:
    return table(
        ["status", "meaning"], [[code(status), meaning] for status, meaning in meanings(Status).items()]
    )


def _kinds() -> str:
    meaning = meanings(IterationKind)
    rows = [[code(kind), meaning[kind], STAGES[stage].title] for kind, stage in FIRST_STAGE.items()]
    return table(["kind", "what changes", "begins with"], rows)


def _loops() -> str:
    return table(["cause", "from", "to", "meaning"], [_loop(loop) for loop in LOOPS])


def _loop(loop: Loop) -> list[str]:
    target = STAGES[loop.target].title if loop.target else "the end"
    return [code(loop.cause), STAGES[loop.source].title, target, loop.meaning]


def _gates() -> str:
    return table(["gate", "document", "to be", "requires that", "because"], [_gate(gate) for gate in GATES])


def _gate(gate: Gate) -> list[str]:
    stages = codes(gate.stages) if len(gate.stages) < len(Stage) else "every stage"
    link = f"[{gate.code}](rules.md#{gate.code.lower()})"
    return [link, stages, codes(gate.statuses), gate.requires, gate.why]


def page() -> str:
    """The whole page."""
    return markdown_page(
        "The lifecycle",
        "Six stages, with one document each. A dashed border marks the optional stage.",
        _picture(),
        _colours(),
        f"## Stages\n\n{_stages()}",
        f"## Kinds of iteration\n\n{_kinds()}\n\nAn iteration that begins with the proposal names the "
        "iteration whose approved assessment it inherits.",
        f"## Where the work goes next\n\n{_loops()}",
        f"## Statuses\n\n{_statuses()}",
        "## Steps from one status to another\n\n`iterata move` takes these steps and no others.\n\n"
        + _transitions(),
        "## Gates\n\nA gate is a condition that a document must meet to be in a status. `iterata move` "
        "applies it before it moves a document. `iterata check` applies it again, so a status typed by hand "
        "meets the same condition.\n\n" + _gates(),
    )
