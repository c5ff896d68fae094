"""The lifecycle diagram: Mermaid for the code host, SVG for the site.

Boxes and labels have a pale background and dark text, and lines are grey. So one file is readable on
light and dark pages.
"""

from __future__ import annotations

from typing import NamedTuple
from xml.sax.saxutils import escape

from generators.arrows import Arrow, forward, loops
from iterata.stages import STAGES, Stage, Track


class Colour(NamedTuple):
    """The colors of a box: background and border."""

    fill: str
    line: str


COLOURS = {
    Track.PRODUCT: Colour("#dbe9fb", "#2f74d0"),
    Track.DOCUMENTATION: Colour("#d6f0e1", "#2a9461"),
    Track.TECHNICAL: Colour("#fdf0c8", "#d39a0c"),
}
INK, LINE, PALE = "#1d2430", "#7d8794", "#eceff3"


class Lane(NamedTuple):
    """The route of an arrow beside the column of boxes."""

    x: float
    leaves: float
    """The offset from the middle of its box where it leaves."""
    arrives: float
    label: float
    """The vertical position of its label, in boxes from the top."""


LANES = {
    (Stage.REPORT, Stage.ASSESSMENT): Lane(44, 9, 0, 1.5),
    (Stage.REPORT, Stage.PROPOSAL): Lane(102, -9, 0, 2.5),
    (Stage.REPORT, Stage.REQUIREMENTS): Lane(388, -15, 0, 0.5),
    (Stage.REPORT, None): Lane(388, 0, 0, 4),
    (Stage.DEPLOYMENT, Stage.REPORT): Lane(366, 0, 15, 4.5),
}
WIDTH, LEFT, RIGHT, BOX, PITCH, TOP = 440, 135, 335, 52, 96, 6


def mermaid() -> str:
    """The diagram as Mermaid text."""
    boxes = [f'    {stage}["{stage.number} {info.title}"]:::{info.track}' for stage, info in STAGES.items()]
    arrows = [_edge(arrow) for arrow in (*forward(), *loops())]
    classes = [
        f"    classDef {track} fill:{colour.fill},stroke:{colour.line},color:{INK}"
        for track, colour in COLOURS.items()
    ]
    return "\n".join(("flowchart TD", *boxes, *arrows, *classes))


def _edge(arrow: Arrow) -> str:
    label = f'|"{arrow.label}"|' if arrow.label else ""
    return f"    {arrow.source} -->{label} {arrow.target or 'closed((closed))'}"


def svg() -> str:
    """The diagram as SVG."""
    height = _middle(len(Stage) - 1) + BOX / 2 + TOP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" '
        'font-family="system-ui, sans-serif" font-size="15" text-anchor="middle">',
        f"<title>{escape(describe())}</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        f'orient="auto-start-reverse"><path d="M0 1 10 5 0 9z" fill="{LINE}"/></marker></defs>',
        *(_step(arrow) for arrow in forward()),
        *(_line(_path(arrow)) for arrow in loops()),
        *(_box(stage) for stage in Stage),
        *(_label(arrow.label, LANES[arrow.source, arrow.target]) for arrow in loops()),
    ]
    return "\n".join((*parts, "</svg>")) + "\n"


def describe() -> str:
    """The diagram in words."""
    steps = " to ".join(info.title for info in STAGES.values())
    ways = "; ".join(
        f"{arrow.label}, from {arrow.source} to {arrow.target or 'the end'}" for arrow in loops()
    )
    return f"{steps}. {ways}."


def _middle(row: float) -> float:
    return TOP + BOX / 2 + row * PITCH


def _row(stage: Stage) -> int:
    return stage.number - 1


def _box(stage: Stage) -> str:
    info, y = STAGES[stage], _middle(_row(stage))
    colour = COLOURS[info.track]
    dashes = ' stroke-dasharray="6 4"' if info.optional else ""
    return (
        f'<rect x="{LEFT}" y="{y - BOX / 2:g}" width="{RIGHT - LEFT}" height="{BOX}" rx="9" '
        f'fill="{colour.fill}" stroke="{colour.line}" stroke-width="2"{dashes}/>'
    ) + _text([str(stage.number), *_halves(info.title)], y)


def _text(lines: list[str], y: float) -> str:
    number, *words = lines
    x = (LEFT + RIGHT) / 2 + 12
    shown = [
        f'<text x="{x:g}" y="{_baseline(y, index, len(words)):g}" fill="{INK}">{word}</text>'
        for index, word in enumerate(words)
    ]
    return f'<text x="{LEFT + 20}" y="{y + 6:g}" fill="{INK}" font-weight="700">{number}</text>' + "".join(
        shown
    )


def _baseline(y: float, index: int, lines: int) -> float:
    return y + 5.5 + (index - (lines - 1) / 2) * 18


def _halves(title: str) -> list[str]:
    """The lines of a title: a long one is broken into two lines of similar length."""
    words = title.split()
    if len(title) <= 20:
        return [title]
    breaks = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    return list(min(breaks, key=lambda halves: max(map(len, halves))))


def _step(arrow: Arrow) -> str:
    middle, start = (LEFT + RIGHT) / 2, _middle(_row(arrow.source)) + BOX / 2
    line = _line(f"M{middle:g} {start:g}V{start + PITCH - BOX - 1:g}")
    return line + (_pill([arrow.label], middle, start + (PITCH - BOX) / 2 - 3) if arrow.label else "")


def _line(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{LINE}" stroke-width="2" marker-end="url(#tip)"/>'


def _path(arrow: Arrow) -> str:
    lane = LANES[arrow.source, arrow.target]
    side = LEFT if lane.x < LEFT else RIGHT
    start = _middle(_row(arrow.source)) + lane.leaves
    if arrow.target is None:
        return f"M{side} {start:g}H{lane.x - 22:g}"
    return f"M{side} {start:g}H{lane.x:g}V{_middle(_row(arrow.target)) + lane.arrives:g}H{side}"


def _label(label: str, lane: Lane) -> str:
    lines = label.replace(": ", ":\n").split("\n") if ":" in label else label.split()
    return _pill(lines, lane.x, _middle(lane.label))


def _pill(lines: list[str], x: float, y: float) -> str:
    width, height = 7.2 * max(len(line) for line in lines) + 14, 17 * len(lines) + 6
    words = "".join(
        f'<text x="{x:g}" y="{y + 4.5 + (index - (len(lines) - 1) / 2) * 16:g}" fill="{INK}" font-size="13">'
        f"{escape(line)}</text>"
        for index, line in enumerate(lines)
    )
    return (
        f'<rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width:g}" height="{height}" rx="8" '
        f'fill="{PALE}"/>{words}'
    )
