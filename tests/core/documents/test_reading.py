"""Reading stage documents: everything wrong at once, each on its line, and never an exception."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from iterata.documents import parse, scaffold
from iterata.documents.yaml import fast_path
from iterata.documents.yaml.loader import MAX_TOLD, load, locate
from iterata.documents.yaml.schema import MAX_DEPTH, Loader, construct
from iterata.problems import Position
from iterata.stages import Stage

REQUIREMENTS = scaffold.new(Stage.REQUIREMENTS, {})
PROPOSAL = scaffold.new(Stage.PROPOSAL, {})


class Found(NamedTuple):
    code: str
    line: int
    column: int
    field: str
    message: str


def problems(text: str | bytes, stage: Stage = Stage.REQUIREMENTS) -> list[Found]:
    raw = text.encode() if isinstance(text, str) else text
    document = parse(f"projects/churn/{stage.filename}", stage, raw)
    assert (document.model is None) == bool(document.problems)
    assert all(problem.remedy for problem in document.problems)
    return [Found(each.code, *each.position, each.field, each.message) for each in document.problems]


def with_line(old: str, new: str, text: str = REQUIREMENTS) -> tuple[str, int]:
    """The text with one line replaced, and that line's number."""
    lines = text.splitlines(keepends=True)
    (at,) = (number for number, line in enumerate(lines) if line.startswith(old))
    lines[at] = f"{new}\n"
    return "".join(lines), at + 1


@pytest.mark.parametrize("stage", Stage)
def test_a_template_has_no_problem(stage: Stage) -> None:
    assert problems(scaffold.new(stage, {}), stage) == []


@pytest.mark.parametrize(
    ("raw", "code", "line", "message"),
    [
        (b"", "DOC002", 1, "has no front matter"),
        (b"# Churn\n", "DOC002", 1, "has no front matter"),
        (b"---\ntitle: x\n", "DOC002", 1, "its front matter has no end"),
        (b"---\ntitle: caf\xe9\n---\n", "DOC001", 2, "not UTF-8: byte 0xe9"),
        (b"---\n- a\n- b\n---\n", "DOC003", 1, "its front matter is not a block of keys"),
        (b"---\njust words\n---\n", "DOC003", 1, "its front matter is not a block of keys"),
        (
            b"---\ntitle: a: b\n---\n",
            "DOC003",
            2,
            "not valid YAML: mapping values are not allowed in this context",
        ),
        (b"---\ntitle: 'open\n---\n", "DOC003", 3, "not valid YAML"),
        (b"---\na: [1, 2\nb: 3\n---\n", "DOC003", 3, "not valid YAML"),
        (b"---\na: 1\n\tb: 2\n---\n", "DOC003", 3, "not valid YAML"),
        (b"---\na: \x07\n---\n", "DOC003", 2, "a character that YAML does not allow: U+0007"),
        ("---\na: ééé\nb: ééé\nc: \x07\n---\n".encode(), "DOC003", 4, "U+0007"),
        (b"---\na: *bold* words\n---\n", "DOC003", 2, "expected alphabetic or numeric"),
        (
            b"---\na: !!python/object/apply:os.system [ls]\n---\n",
            "DOC003",
            2,
            "could not determine a constructor",
        ),
        (b"---\na: !!str {b: c}\n---\n", "DOC003", 2, "could not determine a constructor"),
        (b"---\na: !!int words\n---\n", "DOC003", 2, "could not determine a constructor"),
        (b"---\na: *nobody\n---\n", "DOC003", 2, "undefined alias"),
        (b"---\n? [a]\n: b\n---\n", "DOC003", 2, "unhashable key"),
        (b"---\na: &a [*a]\n---\n", "DOC005", 1, "unfold into too much"),
        (
            b"---\na: " + b"[" * 2000 + b"]" * 2000 + b"\n---\n",
            "DOC005",
            2,
            f"nested more than {MAX_DEPTH} deep",
        ),
        (b"---\na:\n " + b"- " * 200_000 + b"\n---\n", "DOC005", 3, "nested more than"),
        (
            b"---\n" + b"".join(b" " * n + b"a:\n" for n in range(900)) + b"---\n",
            "DOC005",
            62,
            "nested more than",
        ),
        (
            b"---\nx: &x [1]\n"
            + b"".join(b" " * n + b"a:\n" for n in range(900))
            + b" " * 900
            + b"*x\n---\n",
            "DOC005",
            63,
            "nested more than",
        ),
        (b"---\na: " + b"x" * 1_100_000 + b"\n---\n", "DOC005", 1, "larger than"),
        (b"---\nstage: report\n---\n", "DOC009", 2, "says stage report, but its name says requirements"),
    ],
)
def test_what_cannot_be_read_says_where_and_why(raw: bytes, code: str, line: int, message: str) -> None:
    (found,) = problems(raw)
    assert (found.code, found.line) == (code, line)
    assert message in found.message


def test_a_few_bytes_do_not_unfold_into_gigabytes() -> None:
    levels = ["a: &a [x, x]"] + [
        f"{new}: &{new} [{', '.join(f'*{old}' for _ in range(9))}]"
        for old, new in zip("abcdef", "bcdefg", strict=True)
    ]
    (found,) = problems("---\n" + "\n".join(levels) + "\n---\n")
    assert found.code == "DOC005"


def test_aliases_of_an_honest_size_are_followed() -> None:
    text, _ = with_line("owners:", "owners: &us [product]")
    text = text.replace("constraints: []", "constraints: *us")
    assert problems(text) == []
    assert parse("x", Stage.REQUIREMENTS, text.encode()).data["constraints"] == ["product"]


@pytest.mark.parametrize(
    ("old", "new", "code", "column", "field", "message"),
    [
        ("title:", "titel: Churn", "DOC006", 1, "titel", "unknown key `titel`"),
        ("title:", "title: 2026", "DOC008", 8, "title", "must be text, not `2026`"),
        ("title:", "title: ''", "DOC008", 8, "title", "must not be empty"),
        ("status:", "status: drft", "DOC008", 9, "status", "`drft` is not one of the choices"),
        ("owners:", "owners: product", "DOC008", 9, "owners", "must be a list, not `product`"),
        ("owners:", "owners: []", "DOC008", 9, "owners", "too few entries: at least 1, not 0"),
        ("revision:", "revision: 1.5", "DOC008", 11, "revision", "must be a whole number, not `1.5`"),
        ("revision:", "revision: many", "DOC008", 11, "revision", "must be a whole number, not `many`"),
        ("revision:", "revision: 1000", "DOC008", 11, "revision", "must be at most 999, not `1000`"),
        ("revision:", f"revision: {'9' * 5000}", "DOC008", 11, "revision", "must be a whole number"),
        ("status:", "status:", "DOC008", 8, "status", "empty is not one of the choices"),
        ("stage:", "stage: requirments", "DOC008", 8, "stage", "`requirments` is not one of the choices"),
        ("owners:", "owners: ['a|b']", "DOC008", 10, "owners[0]", "`a|b` is not written as it must be"),
        ("revision:", "revision: 0", "DOC008", 11, "revision", "must be at least 1, not `0`"),
        ("model_kind:", "model_kind: {a: b}", "DOC008", 13, "model_kind", "is not one of the choices"),
    ],
)
def test_a_wrong_key_or_value_stands_on_its_place(
    old: str, new: str, code: str, column: int, field: str, message: str
) -> None:
    text, line = with_line(old, new)
    found = [each for each in problems(text) if each.code == code]
    assert [(each.line, each.column, each.field) for each in found] == [(line, column, field)]
    assert message in found[0].message


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "yesterday", "20261123", "0", "true", "[2026]"])
def test_a_day_that_does_not_exist_is_refused(day: str) -> None:
    text, line = with_line("status:", f"status: draft\napprovals: [{{role: product, on: {day}}}]")
    (found,) = problems(text)
    assert (found.code, found.line, found.field) == ("DOC008", line + 1, "approvals[0].on")
    assert "a day" in found.message


def test_everything_is_told_at_once_in_the_order_of_the_lines() -> None:
    text = REQUIREMENTS.replace("title:", "titel:", 1).replace("direction: maximise", "direction: up", 1)
    found = problems(text.replace("model_kind: classification", "model_kind: clasification", 1))
    assert [each.code for each in found] == ["DOC007", "DOC006", "DOC008", "DOC008"]
    assert [each.line for each in found] == sorted(each.line for each in found)


def test_a_key_that_stands_twice_is_told_at_its_second_place() -> None:
    text, line = with_line("title:", "title: one\ntitle: two")
    assert problems(text) == [Found("DOC004", line + 1, 1, "", "the key `title` stands here twice")]


def test_a_value_of_several_possible_kinds_is_told_once() -> None:
    text = PROPOSAL.replace("positive: 1", "positive: [1]", 1)
    (found,) = problems(text, Stage.PROPOSAL)
    assert (found.field, found.message) == (
        "plan.target.positive",
        "must be text or a number or true or false, not a list",
    )


def test_a_value_within_a_value_of_several_kinds_is_told_where_it_is() -> None:
    text = PROPOSAL.replace("params: {max_iter: 1000}", "params: {C: [1, [2]]}", 1)
    (found,) = problems(text, Stage.PROPOSAL)
    assert found.field == "plan.variants[0].params.C[1]"


def test_a_wrong_spelling_is_shown_the_right_one() -> None:
    text = scaffold.new(Stage.REPORT, {}).replace("tags: []", "supports: [F1]")
    (problem,) = parse("x", Stage.REPORT, text.encode()).problems
    assert problem.field == "findings[0].supports[0]"
    assert "project/01-setup#F1" in problem.remedy


def test_a_thousand_problems_take_no_longer_than_a_hundred() -> None:
    """Somebody may open a pull request with nothing but keys that nobody knows."""
    keys = "".join(f"key{number}: 1\n" for number in range(20_000))
    assert len(problems(f"---\n{keys}---\n")) == MAX_TOLD
    assert len(problems("---\n" + "a: 1\n" * 20_000 + "---\n")) == MAX_TOLD


def test_a_near_miss_in_a_tagged_block_is_pointed_out() -> None:
    text = scaffold.new(Stage.ASSESSMENT, {}).replace("kind: targeting", "kind: targetting")
    document = parse("x", Stage.ASSESSMENT, text.encode())
    (problem,) = document.problems
    assert problem.field == "lift.kpi"
    assert "did you mean `targeting`" in problem.remedy


@pytest.mark.parametrize("prefix", ["\ufeff", ""])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_byte_order_mark_and_windows_lines_change_no_position(prefix: str, newline: str) -> None:
    text, line = with_line("title:", "titel: Churn")
    raw = (prefix + text.replace("\n", newline)).encode()
    assert ("DOC006", line, 1) in [each[:3] for each in problems(raw)]


def test_rules_in_the_prose_do_not_end_the_front_matter() -> None:
    text = REQUIREMENTS + "\n---\n\nMore.\n\n---\n"
    assert problems(text) == []
    assert parse("x", Stage.REQUIREMENTS, text.encode()).body.endswith("More.\n\n---\n")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("on", "on"), ("yes", "yes"), ("No", "No"), ("010", "010"), ("1e3", 1000.0), ("-1", -1),
        ("0x1f", "0x1f"), ("1:30", "1:30"), ("2026-11-23", "2026-11-23"), ("~", None), ("", None),
        ("null", None), ("true", True), (".5", 0.5), ("1.", 1.0), ("'1'", "1"), ("!!str 1", "1"),
        ("<<", "<<"), ("=", "="), (".inf", float("inf")),
    ],
)  # fmt: skip
def test_words_are_words_and_numbers_numbers(written: str, read: object) -> None:
    data, faults = load(f"key: {written}")
    assert faults == []
    assert data == {"key": read}


def test_what_is_no_number_is_no_number() -> None:
    data, _ = load("a: .nan")
    assert data["a"] != data["a"]


FRAGMENTS = (
    "a: 1", "a: [x, {b: }]", "b: ~", "b: 'yes'", "- on", "- 1e3", "  - x", "c:", "  d: |", "    text", "# c",
    "? [k]", ": v", "&m e: f", "g: &n [1]", "h: *n", "i: !!str 1", "j: ! 2", "<<: *n", "---", "...",
    "%YAML 1.1", "k: >-", "'l': 0x1", '"m": "\\x41"', "", "n: @", "o: a: b", "\tp: 1", "q: \u0007", "- - - x",
    "!x y",
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=5))
def test_the_quick_way_of_reading_reads_what_the_long_way_reads(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        quick = fast_path.read(text)
    except (fast_path.NotPlainError, yaml.YAMLError):
        return
    duplicates: list[yaml.ScalarNode] = []
    assert repr(quick) == repr(construct(Loader(text).get_single_node(), duplicates))
    assert not duplicates


@pytest.mark.parametrize("stage", Stage)
def test_what_people_write_is_read_the_quick_way(stage: Stage) -> None:
    source = parse("x", stage, scaffold.new(stage, {}).encode()).source
    assert fast_path.read(source.yaml) == source.data


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
def test_every_key_is_found_on_its_line(keys: list[str], data: st.DataObject) -> None:
    gaps = [data.draw(st.integers(0, 3)) for _ in keys]
    lines: list[str] = []
    for key, gap in zip(keys, gaps, strict=True):
        lines += ["# a comment"] * gap + [f"{key}: {{inner: [1, {{deep: 2}}]}}"]
    text = "\n".join(lines)
    for key in keys:
        line = next(number for number, each in enumerate(lines, 1) if each.startswith(f"{key}:"))
        assert locate(text, [key], key=True) == Position(line, 1)
        assert locate(text, [key, "inner", 1, "deep"]).line == line


@given(
    st.sampled_from(["", "\ufeff"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["---", "----", "---  ", "---\t"]),
    st.lists(
        st.sampled_from(["title: é", "# c", "", "  ", "a: |", "  --- no rule", "'b': '---'"]), max_size=6
    ),
    st.text(st.sampled_from("ab-#|\n\r\u2028 é"), max_size=60),
)
def test_nothing_is_lost_between_front_matter_and_prose(
    mark: str, newline: str, rule: str, lines: list[str], prose: str
) -> None:
    text = mark + newline.join([rule, *lines, rule, prose])
    source = parse("x", Stage.REPORT, text.encode()).source
    assert source.text == text
    assert source.text.endswith(source.body)
    assert source.with_yaml(source.yaml) == text
    assert source.body.lstrip() == prose.lstrip()
