"""Reading notebooks: texts and images of known formats, in limits, whatever a file contains."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iterata.repository.exploration import notebook
from iterata.repository.exploration.notebook import NotebookError, read

from .test_kinds import SVG, png

PNG = b64encode(png()).decode()


def cell(kind: str, source: object, **more: object) -> dict[str, object]:
    return {"cell_type": kind, "source": source, **more}


def file(*cells: object, **more: object) -> bytes:
    return json.dumps({"nbformat": 4, "cells": list(cells), **more}).encode()


def shown(**data: object) -> dict[str, object]:
    return {"output_type": "display_data", "data": data}


def outputs(*values: object) -> dict[str, object]:
    return cell("code", "x", outputs=list(values))


def test_cells_are_read_in_order_with_title_and_language() -> None:
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python"}}
    text = file(
        cell("markdown", ["Intro.\n", "# A look #\n"]),
        cell("code", "1 + 1"),
        cell("raw", "r"),
        metadata=kernel,
    )
    found = read(text)
    assert (found.title, found.language) == ("A look", "Python 3")
    assert [(one.kind, one.source) for one in found.cells] == [
        ("markdown", "Intro.\n# A look #"),
        ("code", "1 + 1"),
        ("raw", "r"),
    ]
    assert found.left_out == ()


def test_outputs_are_texts_without_colours_and_images() -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": ["\x1b[31mred\x1b[0m\n", "next\n"]}
    error = {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["\x1b[0m"]}
    (code,) = read(file(outputs(stream, shown(**{"image/png": PNG, "text/plain": "<Figure>"}), error))).cells
    first, second, third = code.outputs
    assert (first.text, first.figure) == ("red\nnext", None)
    assert second.figure is not None
    assert (second.text, second.figure.name, second.figure.content) == ("<Figure>", "figure-1.png", png())
    assert (third.text, third.is_error) == ("ValueError: no", True)


def test_html_is_left_out_for_the_text_beside_it() -> None:
    html = {"text/html": "<script>1</script>"}
    found = read(file(outputs(shown(**html, **{"text/plain": "a table"}), shown(**html))))
    (code,) = found.cells
    assert [output.text for output in code.outputs] == ["a table"]
    assert found.left_out == ("1 outputs without a text",)


@pytest.mark.parametrize(
    "data",
    [
        {"image/png": "no base64!"},
        {"image/png": b64encode(b"<html>").decode()},
        {"image/png": b64encode(png()[:-20]).decode()},
        {"image/svg+xml": "<html></html>"},
        {"image/png": 7},
    ],
)
def test_what_is_no_image_is_counted(data: dict[str, object]) -> None:
    found = read(file(outputs(shown(**data, **{"text/plain": "t"}))))
    assert list(found.figures) == []
    assert found.left_out == ("1 images",)


def test_drawing_is_told_apart() -> None:
    (figure,) = read(file(outputs(shown(**{"image/svg+xml": [SVG.decode()]})))).figures
    assert (figure.is_drawing, figure.content) == (True, SVG)


def test_attachments_of_markdown_are_figures() -> None:
    (markdown,) = read(file(cell("markdown", "x", attachments={"i.png": {"image/png": PNG}}))).cells
    assert [(name, figure.content) for name, figure in markdown.attachments.items()] == [("i.png", png())]


def test_limits_are_counted() -> None:
    many = [cell("markdown", "x")] * (notebook.MOST_CELLS + 3)
    assert read(file(*many)).left_out == ("3 cells",)
    printed = {"output_type": "stream", "text": "x"}
    assert read(file(outputs(*[printed] * (notebook.MOST_OUTPUTS + 2)))).left_out == ("2 outputs",)
    assert read(file(cell("code", "x" * (notebook.LONGEST_TEXT + 5)))).left_out == ("5 characters",)
    images = [outputs(*[shown(**{"image/png": PNG})] * 15)] * 5
    found = read(file(*images))
    assert len(list(found.figures)) == notebook.MOST_FIGURES
    assert found.left_out == ("15 images", "15 outputs without a text")


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"7", b"\xff", b'{"nbformat": 4}', b'{"nbformat": 3, "cells": []}', b"[" * 100_000],
)
def test_other_files_are_refused_with_a_remedy(content: bytes) -> None:
    with pytest.raises(NotebookError) as refused:
        read(content)
    assert refused.value.remedy


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cell_type", "source", "outputs", "output_type", "data", "text", "attachments", "image/png"]
            ),
            inner | st.sampled_from(["code", "markdown", "stream", "display_data", "error"]),
            max_size=4,
        )
    ),
    max_leaves=8,
)


@given(st.lists(anything, max_size=3), anything)
def test_any_json_in_the_cells_is_read(cells: list[object], metadata: object) -> None:
    found = read(file(*cells, metadata=metadata))
    assert all(isinstance(one.source, str) for one in found.cells)
