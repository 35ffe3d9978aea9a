"""Whatever the bytes, readers yield sound articles and errors of sources (see soundness.py)."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.corpus import samples
from tests.corpus.soundness import found_in

FILES = samples.files()
ROUNDS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("name", FILES)
@ROUNDS
@given(content=st.binary(max_size=400))
def test_any_bytes(name: str, content: bytes) -> None:
    found_in(name, content)
    # Behind a beginning that lets the reader in.
    found_in(name, FILES[name][:120] + content)


@st.composite
def bent(draw: st.DrawFn, content: bytes) -> bytes:
    """Return the content with some pieces replaced, left out, or written twice."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, max(len(content) - 1, 0)))
        end = min(start + draw(st.integers(0, 40)), len(content))
        piece = draw(st.sampled_from((b"", b"\0", b"\xff\xfe", b"<", b'"', b"&#x110000;", b"\xed\xa0\x80", b"\r\r\n")))
        content = content[:start] + draw(st.sampled_from((piece, content[start:end] * 2))) + content[end:]
    return content


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("name", FILES)
@ROUNDS
@given(data=st.data())
def test_bent_files(name: str, packing: str, data: st.DataObject) -> None:
    content = samples.packed(FILES[name])[packing] if packing else FILES[name]
    found_in(name + packing, data.draw(bent(content)))


@pytest.mark.parametrize("name", FILES)
def test_cut_files(name: str) -> None:
    content = FILES[name]
    for size in range(0, len(content), max(len(content) // 40, 1)):
        found_in(name, content[:size])


NESTED = 100_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", b"<div>" * NESTED + b"deep"),
        ("a.html", b"<p>" + b"<b>" * NESTED + b"deep"),
        ("a.html", b"<" * NESTED),
        ("a.html", b"&#1114112; &#xd800; &nbsp;&zwnj;" * 1000),
        ("a.html", b"<html><p>Text." + b"<!--" * NESTED),
        ("a.rss", b"<rss version='2.0'><channel><item><description>" + b"&lt;i&gt;" * NESTED),
        ("a.rss", b"<rss version='2.0'>" + b"<channel>" * NESTED),
        ("a.json", b"[" * NESTED),
        ("a.json", b'{"articles":' * NESTED),
        ("a.csv", b'text\n"' + b'a""' * NESTED),
        ("a.csv", b"text" + b"," * NESTED + b"\nx"),
        ("a.warc", b"WARC/1.0\r\n" * NESTED),
        ("a.warc", samples.warc().replace(b"Content-Length: ", b"Content-Length: 99999999999999")),
        ("a.md", b"---\n" + b"- " * NESTED + b"\n---\nx"),
        ("a.md", b"---\n" + b"- " * 30_000 + b"\n---\nx"),
        ("a.md", b"---\na: &a [*a]\n---\nx"),
        ("a.jsonl", b'{"text": "x", "more": ' + b"[" * 600 + b"]" * 600 + b"}"),
        ("a.jsonl", b'{"text": "x", "more": ' + b"[" * NESTED),
    ],
)
def test_much_of_one_thing(name: str, content: bytes) -> None:
    found_in(name, content)
