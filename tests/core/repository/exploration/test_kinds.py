"""What the files of an exploration are, and which of them are not complete or not what they say."""

from __future__ import annotations

import struct
import zlib

import pytest

from iterata.repository.exploration.kinds import (
    LARGEST,
    MOST_FILES,
    FileKind,
    content_fault,
    kind_of,
    size_fault,
)
from iterata.rules import cache


def png(width: int = 3, height: int = 2) -> bytes:
    """A grey image."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", checksum)

    rows = (b"\0" + b"\x80" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*parts) for parts in chunks)


JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 80 + b"\xff\xd9"
GIF = b"GIF89a" + b"\0" * 80 + b"\x3b"
WEBP = b"RIFF" + (84).to_bytes(4, "little") + b"WEBP" + b"\0" * 80
SVG = (
    b'<?xml version="1.0"?>\n<!DOCTYPE svg>\n<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>\n<!-- end -->'
)
NOTEBOOK = b'{"nbformat": 4, "cells": []}'
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", png()),
        ("a.PNG", png()),
        ("a.jpg", JPEG),
        ("a.jpeg", JPEG),
        ("a.gif", GIF),
        ("a.webp", WEBP),
        ("a.svg", SVG),
        ("a.svg", b"<svg/>"),
        ("a.ipynb", NOTEBOOK),
        ("a.html", "<p>é".encode()),
        ("a.md", b"# A"),
        ("a.pdf", b"%PDF-1.7"),
        ("a.py", b"print()"),
    ],
)
def test_file_is_what_its_name_says(name: str, content: bytes) -> None:
    assert content_fault(kind_of(name), name, content) is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b""),
        ("a.png", POINTER),
        ("a.png", b"/annex/objects/SHA256E-s12--0.png\n"),
        ("a.png", png()[:-20]),
        ("a.png", JPEG),
        ("a.jpg", png()),
        ("a.jpg", JPEG[:-2]),
        ("a.webp", WEBP[:-1]),
        ("a.png", b"<html><script>1</script>"),
        ("a.svg", png()),
        ("a.svg", SVG[:60]),
        ("a.svg", b"<html></html>"),
        ("a.ipynb", b"{"),
        ("a.ipynb", b"[" * 100_000),
        ("a.ipynb", b'{"nbformat": 3, "worksheets": []}'),
        ("a.html", b"\xff\xfe"),
        ("a.md", b"\xff"),
        ("a.pdf", b"PK"),
        ("table.csv", b"a,b\n"),
        ("Makefile", b"all:\n"),
    ],
)
def test_other_content_has_a_remedy(name: str, content: bytes) -> None:
    fault = content_fault(kind_of(name), name, content)
    assert fault is not None
    assert fault.remedy
    assert not fault.is_size


@pytest.mark.parametrize("kind", LARGEST)
def test_size_has_a_limit(kind: FileKind) -> None:
    assert size_fault(kind, LARGEST[kind]) is None
    fault = size_fault(kind, LARGEST[kind] + 1)
    assert fault is not None
    assert fault.is_size


def test_every_file_that_is_shown_is_read_by_the_check() -> None:
    assert max(LARGEST.values()) <= cache.LARGEST_READ
    assert cache.MOST_READ >= MOST_FILES
