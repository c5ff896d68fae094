"""Findings in front matter, and the references to them."""

from __future__ import annotations

import pytest

from iterata.documents.findings import finding_entries, resolve


def test_findings_of_all_lists_are_found_in_order() -> None:
    data = {
        "abandoned": {"findings": [{"id": "F3"}]},
        "findings": [{"id": "F1"}, "no block"],
        "post_mortem": {"findings": [{"id": "F2"}]},
    }
    assert [(entry.path, entry.data["id"]) for entry in finding_entries(data)] == [
        (("findings", 0), "F1"),
        (("post_mortem", "findings", 0), "F2"),
        (("abandoned", "findings", 0), "F3"),
    ]


@pytest.mark.parametrize(
    "data", [{}, None, [], {"findings": None}, {"abandoned": []}, {"findings": {"a": 1}}]
)
def test_front_matter_without_lists_has_no_findings(data: object) -> None:
    assert not list(finding_entries(data))


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        ("#F2", ("churn", "01-setup", "F2")),
        ("02-more#F1", ("churn", "02-more", "F1")),
        ("wine/01-setup#F1", ("wine", "01-setup", "F1")),
        ("wine/#F1", ("wine", "", "F1")),
        ("/01-setup#F1", ("", "01-setup", "F1")),
    ],
)
def test_reference_is_resolved(reference: str, key: tuple[str, str, str]) -> None:
    assert resolve(reference, "churn", "01-setup") == key


def test_key_is_a_reference_to_itself() -> None:
    key = resolve("#F2", "churn", "01-setup")
    assert resolve(str(key), "wine", "03-x") == key
