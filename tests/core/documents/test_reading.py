"""Reading stage documents: all problems at once, each on its line, and never an exception."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iterata.documents import parse, scaffold
from iterata.documents.yaml.fast_path import NotSimple, read_simple
from iterata.documents.yaml.loader import MAX_PROBLEMS, load
from iterata.documents.yaml.positions import locate
from iterata.documents.yaml.schema import MAX_DEPTH, NodeLoader, construct
from iterata.problems import Position
from iterata.stages import Stage

if TYPE_CHECKING:
    from iterata.problems import Problem

    from ...helpers.golden import Golden

REQUIREMENTS = scaffold.new(Stage.REQUIREMENTS, {})
PROPOSAL = scaffold.new(Stage.PROPOSAL, {})


class Place(NamedTuple):
    """Where a problem is reported."""

    code: str
    line: int
    column: int
    field: str


def problems(text: str | bytes, stage: Stage = Stage.REQUIREMENTS) -> tuple[Problem, ...]:
    raw = text.encode() if isinstance(text, str) else text
    document = parse(f"projects/churn/{stage.filename}", stage, raw)
    assert (document.model is None) == bool(document.problems)
    assert all(problem.remedy for problem in document.problems)
    return document.problems


def places(text: str | bytes, stage: Stage = Stage.REQUIREMENTS) -> list[Place]:
    return [Place(problem.code, *problem.position, problem.field) for problem in problems(text, stage)]


def with_line(old: str, new: str, text: str = REQUIREMENTS) -> tuple[str, int]:
    """The text with one line replaced, and the number of that line."""
    lines = text.splitlines(keepends=True)
    (index,) = (index for index, line in enumerate(lines) if line.startswith(old))
    lines[index] = f"{new}\n"
    return "".join(lines), index + 1


@pytest.mark.parametrize("stage", Stage)
def test_new_document_has_no_problems(stage: Stage) -> None:
    assert problems(scaffold.new(stage, {}), stage) == ()


NESTED = b"".join(b" " * level + b"a:\n" for level in range(900))

UNREADABLE: dict[str, tuple[bytes, str, int]] = {
    "empty file": (b"", "DOC002", 1),
    "no front matter": (b"# Churn\n", "DOC002", 1),
    "no closing delimiter": (b"---\ntitle: x\n", "DOC002", 1),
    "not UTF-8": (b"---\ntitle: caf\xe9\n---\n", "DOC001", 2),
    "a list": (b"---\n- a\n- b\n---\n", "DOC003", 1),
    "a sentence": (b"---\njust words\n---\n", "DOC003", 1),
    "a colon in a text": (b"---\ntitle: a: b\n---\n", "DOC003", 2),
    "an open quote": (b"---\ntitle: 'open\n---\n", "DOC003", 3),
    "an open bracket": (b"---\na: [1, 2\nb: 3\n---\n", "DOC003", 3),
    "a tab": (b"---\na: 1\n\tb: 2\n---\n", "DOC003", 3),
    "a control character": (b"---\na: \x07\n---\n", "DOC003", 2),
    "a control character after accents": ("---\na: ééé\nb: ééé\nc: \x07\n---\n".encode(), "DOC003", 4),
    "bold words": (b"---\na: *bold* words\n---\n", "DOC003", 2),
    "a Python object": (b"---\na: !!python/object/apply:os.system [ls]\n---\n", "DOC003", 2),
    "a block tagged as text": (b"---\na: !!str {b: c}\n---\n", "DOC003", 2),
    "a word tagged as a number": (b"---\na: !!int words\n---\n", "DOC003", 2),
    "an unknown alias": (b"---\na: *unknown\n---\n", "DOC003", 2),
    "a list as a key": (b"---\n? [a]\n: b\n---\n", "DOC003", 2),
    "an alias that contains itself": (b"---\na: &a [*a]\n---\n", "DOC005", 1),
    "brackets nested too deep": (b"---\na: " + b"[" * 2000 + b"]" * 2000 + b"\n---\n", "DOC005", 2),
    "lists nested too deep": (b"---\na:\n " + b"- " * 200_000 + b"\n---\n", "DOC005", 3),
    "blocks nested too deep": (b"---\n" + NESTED + b"---\n", "DOC005", 62),
    "blocks with an alias nested too deep": (
        b"---\nx: &x [1]\n" + NESTED + b" " * 900 + b"*x\n---\n",
        "DOC005",
        63,
    ),
    "too large": (b"---\na: " + b"x" * 1_100_000 + b"\n---\n", "DOC005", 1),
    "another stage": (b"---\nstage: report\n---\n", "DOC009", 2),
}
"""Content, and the code and the line of its only problem."""


@pytest.mark.parametrize("case", UNREADABLE)
def test_unreadable_content_is_one_problem_on_its_line(case: str) -> None:
    raw, code, line = UNREADABLE[case]
    (problem,) = problems(raw)
    assert (problem.code, problem.position.line) == (code, line)


def test_messages_about_unreadable_content(golden: Golden) -> None:
    messages = [f"{case}\n{problems(raw)[0]}" for case, (raw, _, _) in UNREADABLE.items()]
    golden.check("unreadable", "\n\n".join(messages))


def test_aliases_that_expand_to_gigabytes_are_refused() -> None:
    levels = ["a: &a [x, x]"] + [
        f"{new}: &{new} [{', '.join(f'*{old}' for _ in range(9))}]"
        for old, new in zip("abcdef", "bcdefg", strict=True)
    ]
    (problem,) = problems("---\n" + "\n".join(levels) + "\n---\n")
    assert problem.code == "DOC005"


def test_small_aliases_are_expanded() -> None:
    text, _ = with_line("owners:", "owners: &us [product]")
    text = text.replace("constraints: []", "constraints: *us")
    assert problems(text) == ()
    assert parse("x", Stage.REQUIREMENTS, text.encode()).data["constraints"] == ["product"]


WRONG_LINES: tuple[tuple[str, str, str, int, str], ...] = (
    ("title:", "titel: Churn", "DOC006", 1, "titel"),
    ("title:", "title: 2026", "DOC008", 8, "title"),
    ("title:", "title: ''", "DOC008", 8, "title"),
    ("status:", "status: drft", "DOC008", 9, "status"),
    ("owners:", "owners: product", "DOC008", 9, "owners"),
    ("owners:", "owners: []", "DOC008", 9, "owners"),
    ("revision:", "revision: 1.5", "DOC008", 11, "revision"),
    ("revision:", "revision: many", "DOC008", 11, "revision"),
    ("revision:", "revision: 1000", "DOC008", 11, "revision"),
    ("revision:", f"revision: {'9' * 5000}", "DOC008", 11, "revision"),
    ("status:", "status:", "DOC008", 8, "status"),
    ("stage:", "stage: requirments", "DOC008", 8, "stage"),
    ("owners:", "owners: ['a|b']", "DOC008", 10, "owners[0]"),
    ("revision:", "revision: 0", "DOC008", 11, "revision"),
    ("model_kind:", "model_kind: {a: b}", "DOC008", 13, "model_kind"),
)
"""A line of the template, a wrong line, and the code, column and field of its problem."""


@pytest.mark.parametrize(("old", "new", "code", "column", "field"), WRONG_LINES)
def test_wrong_key_or_value_is_located(old: str, new: str, code: str, column: int, field: str) -> None:
    text, line = with_line(old, new)
    assert [place for place in places(text) if place.code == code] == [Place(code, line, column, field)]


def test_messages_about_wrong_keys_and_values(golden: Golden) -> None:
    found = [problem for old, new, *_ in WRONG_LINES for problem in problems(with_line(old, new)[0])]
    golden.check("wrong-lines", "\n".join(map(str, found)))


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "yesterday", "20261123", "0", "true", "[2026]"])
def test_impossible_day_is_refused(day: str) -> None:
    text, line = with_line("status:", f"status: draft\napprovals: [{{role: product, on: {day}}}]")
    (place,) = places(text)
    assert (place.code, place.line, place.field) == ("DOC008", line + 1, "approvals[0].on")


def test_all_problems_are_reported_in_the_order_of_lines() -> None:
    text = REQUIREMENTS.replace("title:", "titel:", 1).replace("direction: maximise", "direction: up", 1)
    found = places(text.replace("model_kind: classification", "model_kind: clasification", 1))
    assert [place.code for place in found] == ["DOC007", "DOC006", "DOC008", "DOC008"]
    assert [place.line for place in found] == sorted(place.line for place in found)


def test_duplicate_key_is_reported_at_its_second_place() -> None:
    text, line = with_line("title:", "title: one\ntitle: two")
    assert places(text) == [Place("DOC004", line + 1, 1, "")]


def test_value_of_several_possible_kinds_is_reported_once() -> None:
    text = PROPOSAL.replace("positive: 1", "positive: {a: 1}", 1)
    (place,) = places(text, Stage.PROPOSAL)
    assert place.field == "plan.target.positive"


def test_wrong_item_inside_a_value_of_several_kinds_is_located() -> None:
    text = PROPOSAL.replace("params: {max_iter: 1000}", "params: {C: [1, [[2]]]}", 1)
    (place,) = places(text, Stage.PROPOSAL)
    assert place.field == "plan.variants[0].params.C[1][0]"


def test_remedy_shows_the_required_form() -> None:
    text = scaffold.new(Stage.REPORT, {}).replace("tags: []", "supports: [F1]")
    (problem,) = problems(text, Stage.REPORT)
    assert problem.field == "findings[0].supports[0]"
    assert "project/01-setup#F1" in problem.remedy


def test_number_of_reported_problems_is_limited() -> None:
    """A pull request may contain nothing but unknown keys."""
    keys = "".join(f"key{number}: 1\n" for number in range(20_000))
    assert len(problems(f"---\n{keys}---\n")) == MAX_PROBLEMS
    assert len(problems("---\n" + "a: 1\n" * 20_000 + "---\n")) == MAX_PROBLEMS


def test_misspelt_kind_is_corrected() -> None:
    text = scaffold.new(Stage.ASSESSMENT, {}).replace("kind: targeting", "kind: targetting")
    (problem,) = problems(text, Stage.ASSESSMENT)
    assert problem.field == "lift.kpi"
    assert "`targeting`" in problem.remedy


@pytest.mark.parametrize("prefix", ["\ufeff", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_byte_order_mark_and_windows_line_ends_do_not_change_positions(prefix: str, newline: str) -> None:
    text, line = with_line("title:", "titel: Churn")
    raw = (prefix + text.replace("\n", newline)).encode()
    assert Place("DOC006", line, 1, "titel") in places(raw)


def test_horizontal_rules_in_prose_do_not_end_the_front_matter() -> None:
    text = REQUIREMENTS + "\n---\n\nMore.\n\n---\n"
    assert problems(text) == ()
    assert parse("x", Stage.REQUIREMENTS, text.encode()).body.endswith("More.\n\n---\n")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"), ("yes", "yes"), ("No", "No"), ("010", "010"), ("1e3", 1000.0), ("-1", -1),
        ("0x1f", "0x1f"), ("1:30", "1:30"), ("2026-11-23", "2026-11-23"), ("~", None), ("", None),
        ("null", None), ("true", True), (".5", 0.5), ("1.", 1.0), ("'1'", "1"), ("!!str 1", "1"),
        ("<<", "<<"), ("=", "="), (".inf", float("inf")), ("-.INF", float("-inf")),
    ],
)  # fmt: skip
def test_scalar_is_loaded_as_yaml_1_2(text: str, value: object) -> None:
    assert load(f"key: {text}") == ({"key": value}, [])


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan_is_loaded(text: str) -> None:
    data, _ = load(f"a: {text}")
    assert isinstance(data, dict)
    assert data["a"] != data["a"]


FRAGMENTS = (
    "a: 1", "a: [x, {b: }]", "b: ~", "b: 'yes'", "- on", "- 1e3", "  - x", "c:", "  d: |", "    text", "# c",
    "? [k]", ": v", "&m e: f", "g: &n [1]", "h: *n", "i: !!str 1", "j: ! 2", "<<: *n", "---", "...",
    "%YAML 1.1", "k: >-", "'l': 0x1", '"m": "\\x41"', "", "n: @", "o: a: b", "\tp: 1", "q: \u0007", "- - - x",
    "!x y",
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=5))
def test_both_readers_load_the_same_data(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        simple = read_simple(text)
    except (NotSimple, yaml.YAMLError):
        return
    duplicates: list[yaml.ScalarNode] = []
    assert repr(simple) == repr(construct(NodeLoader(text).get_single_node(), duplicates))
    assert not duplicates


@pytest.mark.parametrize("stage", Stage)
def test_new_document_is_read_on_the_fast_path(stage: Stage) -> None:
    source = parse("x", stage, scaffold.new(stage, {}).encode()).source
    assert read_simple(source.yaml) == source.data


@given(st.binary(max_size=300))
def test_no_bytes_raise(raw: bytes) -> None:
    parse("x", Stage.REPORT, raw)


@given(st.text(st.sampled_from("ab:-[]{}&*!|>'\"%@`#? \n\t~,.0é\u2028"), max_size=120))
def test_no_front_matter_raises(text: str) -> None:
    document = parse("x", Stage.REPORT, f"---\n{text}\n---\n".encode())
    lines = document.source.text.count("\n") + 1
    assert all(1 <= problem.position.line <= lines for problem in document.problems)


@given(
    st.lists(st.sampled_from(["stage", "title", "plan", "lift", "decision"]), unique=True, min_size=1),
    st.data(),
)
def test_every_key_is_located_on_its_line(keys: list[str], data: st.DataObject) -> None:
    gaps = [data.draw(st.integers(0, 3)) for _ in keys]
    lines: list[str] = []
    for key, gap in zip(keys, gaps, strict=True):
        lines += ["# a comment"] * gap + [f"{key}: {{inner: [1, {{deep: 2}}]}}"]
    text = "\n".join(lines)
    for key in keys:
        number = next(number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:"))
        assert locate(text, [key], key=True) == Position(number, 1)
        assert locate(text, [key, "inner", 1, "deep"]).line == number


@given(
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["---", "----", "---  ", "---\t"]),
    st.lists(
        st.sampled_from(["title: é", "# c", "", "  ", "a: |", "  --- no rule", "'b': '---'"]), max_size=6
    ),
    st.text(st.sampled_from("ab-#|\n\r\u2028 é"), max_size=60),
)
def test_front_matter_and_prose_are_the_whole_file(
    mark: str, newline: str, delimiter: str, lines: list[str], prose: str
) -> None:
    text = mark + newline.join([delimiter, *lines, delimiter, prose])
    source = parse("x", Stage.REPORT, text.encode()).source
    assert source.text == text
    assert source.text.endswith(source.body)
    assert source.with_yaml(source.yaml) == text
    assert source.body.lstrip() == prose.lstrip()


def test_depth_at_the_limit_is_accepted() -> None:
    deepest = "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1)
    assert load(f"a: {deepest}")[1] == []
    assert [problem.code for problem in load(f"a: [{deepest}]")[1]] == ["DOC005"]
