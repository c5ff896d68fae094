"""Edits of front matter change the requested keys and no other byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iterata.documents import Document, parse, scaffold
from iterata.documents.edit import NotEditable, set_digest, set_in_entry, set_keys
from iterata.stages import Stage

HAND_WRITTEN = """---
stage: proposal   # the stage
status: draft     # not reviewed yet
# who keeps it
owners:
    - data science

# the plan
plan:
    data:
      - name: rows
        source: data/rows.csv    # made by hand
        made_by: >-
           python
           make.py

      - {name: more, source: data/more.csv}
title: 'Caf\N{LATIN SMALL LETTER E WITH ACUTE}: "x"'
---
Prose with a rule.

---

More prose.
"""

DIGEST = "sha256:" + "1" * 64


def document(text: str) -> Document:
    return parse("p/proposal.md", Stage.PROPOSAL, text.encode())


def edited(text: str, **changes: Any) -> str:
    return set_keys(document(text), changes)


def test_changed_value_keeps_its_comment() -> None:
    assert edited(HAND_WRITTEN, status="in_review") == HAND_WRITTEN.replace(
        "status: draft ", "status: in_review ", 1
    )


def test_replaced_list_keeps_the_comments_around_it() -> None:
    expected = HAND_WRITTEN.replace("owners:\n    - data science\n", "owners: [product, data science]\n")
    assert edited(HAND_WRITTEN, owners=["product", "data science"]) == expected


def test_missing_key_is_added_at_the_end() -> None:
    text = edited(HAND_WRITTEN, approvals=[{"role": "product", "on": "2026-11-23"}])
    expected = '"x"\'\napprovals:\n  - {role: product, on: 2026-11-23}\n---\nProse'
    assert expected in text
    assert text.replace("approvals:\n  - {role: product, on: 2026-11-23}\n", "") == HAND_WRITTEN


def test_removed_key_loses_all_its_lines() -> None:
    assert edited(HAND_WRITTEN, owners=None) == HAND_WRITTEN.replace("owners:\n    - data science\n", "")
    assert edited(HAND_WRITTEN, nothing=None) == HAND_WRITTEN


def test_digest_is_set_in_block_and_flow_style() -> None:
    text = set_digest(document(HAND_WRITTEN), ("data", 0), DIGEST)
    text = set_digest(document(text), ("data", 1), DIGEST)
    assert [entry["digest"] for entry in document(text).data["plan"]["data"]] == [DIGEST, DIGEST]
    assert f'           make.py\n\n        digest: "{DIGEST}"\n' in text
    assert f'{{name: more, source: data/more.csv, digest: "{DIGEST}"}}' in text
    again = set_digest(document(text), ("data", 0), DIGEST.replace("1", "2"))
    assert again == text.replace(DIGEST, DIGEST.replace("1", "2"), 1)


@pytest.mark.parametrize(
    "plan",
    ["\n  # the split\n  split: {folds: 5}\n  seed: 1", " {split: {folds: 5}, seed: 1}"],
    ids=["block", "flow"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_digest_of_a_plan_without_data_is_its_first_key(plan: str, newline: str) -> None:
    written = f"---\nstage: proposal\nplan:{plan}\ntimebox: 5 days\n---\nProse".replace("\n", newline)
    text = set_digest(document(written), ("data", 0), DIGEST)
    assert list(document(text).data["plan"]) == ["data_digest", "split", "seed"]
    assert (
        text.replace(f'data_digest: "{DIGEST}", ', "").replace(f'data_digest: "{DIGEST}"{newline}  ', "")
        == written
    )
    again = set_digest(document(text), ("data", 0), DIGEST.replace("1", "2"))
    assert again == text.replace(DIGEST, DIGEST.replace("1", "2"))


def test_front_matter_in_braces_is_refused() -> None:
    with pytest.raises(NotEditable) as refused:
        edited("---\n{stage: proposal, status: draft}\n---\n", status="approved")
    assert refused.value.location.source == "p/proposal.md"


VALUES = st.one_of(
    st.sampled_from(["approved", "on", "2026-11-23", "a: b", "# no comment", "yes", "é", "sha256:00"]),
    st.lists(st.sampled_from(["product", "data science", "x, y"]), max_size=3),
    st.dictionaries(st.sampled_from(["requirements", "assessment"]), st.just(DIGEST), min_size=1, max_size=2),
    st.lists(
        st.fixed_dictionaries({"role": st.just("product"), "on": st.just("2026-11-23")}),
        min_size=1,
        max_size=2,
    ),
)


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("prefix", ["", "\ufeff"])
@settings(max_examples=20)
@given(st.data())
def test_other_keys_and_prose_stay_unchanged(
    stage: Stage, newline: str, prefix: str, data: st.DataObject
) -> None:
    text = prefix + scaffold.new(stage, {}).replace("\n", newline) + f"{newline}---{newline}prose é"
    before = parse("x", stage, text.encode())
    keys = st.sampled_from([*list(before.data), "approvals", "written_against", "plan_digest"])
    changes = data.draw(st.dictionaries(keys, VALUES, min_size=1, max_size=3))
    changed = set_keys(before, changes)
    after = parse("x", stage, changed.encode())
    assert after.body == before.body
    assert after.data == {**before.data, **changes}
    assert changed.startswith(prefix)
    assert newline == "\n" or "\n" not in changed.replace("\r\n", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("status:\n", "status: approved\n"),
        ("status:   # by `iterata move`\n", "status: approved   # by `iterata move`\n"),
        ("status: >-\n  draft\n# of\n\n", "status: approved\n# of\n\n"),
        ("status: draft\r\ntitle: x\r\n", "status: approved\r\ntitle: x\r\n"),
        ("  status: draft\n  title: x\n", "  status: approved\n  title: x\n"),
        ("status: &s draft\n", "status: approved\n"),
    ],
)
def test_value_is_replaced_in_every_style(old: str, new: str) -> None:
    assert edited(f"---\n{old}---\n", status="approved") == f"---\n{new}---\n"


@pytest.mark.parametrize("column", [0, 2])
def test_added_key_is_indented_like_the_others(column: int) -> None:
    space = " " * column
    text = edited(f"---\n{space}status: draft\n---\n", approvals=[{"role": "product"}])
    assert text == f"---\n{space}status: draft\n{space}approvals:\n{space}  - {{role: product}}\n---\n"


@pytest.mark.parametrize(
    "written",
    [
        "a: &x draft\nstatus: *x\n",
        "status: &x draft\ntitle: *x\n",
        "status: draft\n...\n",
        "? status\n: draft\n",
    ],
)
def test_edit_changes_only_the_key_or_is_refused(written: str) -> None:
    text = f"---\n{written}---\nprose\n"
    before = document(text).data
    try:
        changed = edited(text, status="approved", plan_digest=DIGEST)
    except NotEditable:
        return
    assert document(changed).data == {**before, "status": "approved", "plan_digest": DIGEST}


@pytest.mark.parametrize(
    "entry",
    [
        "{name: rows, source: data/rows.csv, digest: }",
        "{name: rows, source: data/rows.csv,}",
        "{name: rows, source: data/rows.csv}  # by hand",
        "name: rows\n      source: data/rows.csv  # by hand",
        "source: data/rows.csv\n      digest:\n      name: rows",
        "source: data/rows.csv\n      name: rows\n      unit_id:",
        "name: rows\n      query: SELECT *\n        FROM calls",
        "name: rows\n      query: |\n        SELECT *\n        FROM calls",
        "name: rows\n      query: >-\n        SELECT *\n        FROM calls\n\n",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_digest_is_set_in_its_entry(entry: str, newline: str) -> None:
    text = f"---\nplan:\n  data:\n    - {entry}\n  seed: 1\n---\n".replace("\n", newline)
    written = set_digest(document(text), ("data", 0), DIGEST)
    (found,) = document(written).data["plan"]["data"]
    assert found["digest"] == DIGEST
    assert document(written).data["plan"]["seed"] == 1
    assert newline == "\n" or "\n" not in written.replace("\r\n", "")


PHASES = """---
stage: deployment
phases:  # three of them
  - {share: 0.1}  # a tenth
  - share: 0.25
    hold:
      days: 14   # two weeks

    # who agrees
    conclusion: >-
      As
      expected.
  - share: 1
monitors: []
---
"""


@pytest.mark.parametrize(("end", "name"), [("\n", "LF"), ("\r\n", "CRLF")])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_key_of_an_entry_is_added_and_changed_in_its_place(end: str, name: str, index: int) -> None:
    """Every other line stays as it is, comments too."""
    text = PHASES.replace("\n", end)
    before = parse("p/deployment.md", Stage.DEPLOYMENT, text.encode())
    override = {"on": "2026-06-08", "reason": "No: it cannot wait, 'tis summer #1"}
    added = set_in_entry(before, "phases", index, {"started": "2026-06-01", "override": override})
    after = parse("p/deployment.md", Stage.DEPLOYMENT, added.encode())
    assert after.data["phases"][index] == before.data["phases"][index] | {
        "started": "2026-06-01", "override": override,
    }  # fmt: skip
    lines = added.split(end)
    kept = [line for line in text.split(end) if line in lines]
    assert len(kept) >= len(text.split(end)) - 1, name
    changed = set_in_entry(after, "phases", index, {"started": "2026-06-02"})
    assert changed == added.replace("2026-06-01", "2026-06-02")
