"""Canaries: their files, and what is said where one fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus import sample
from indexer import generation
from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import VerificationFailed
from search_api.canaries import Canaries
from search_api.errors import CanaryError

MUSK = "qui menace Microsoft\tmusk-menace-microsoft\t1\n"


def canaries(folder: Path, text: str, name: str = "canaries.tsv") -> Canaries:
    (folder / name).write_text(text, encoding="utf-8")
    return Canaries.read(folder / name)


def test_a_file_of_lines_with_tabs(tmp_path: Path) -> None:
    assert len(canaries(tmp_path, f"\ufeff# question, article\n\n{MUSK}谁威胁微软\tmusk-menace-microsoft\r\n")) == 2


def test_a_file_of_json_lines(tmp_path: Path) -> None:
    text = '{"question": "a\u2028b", "expected": "c"}\n\n{"question": "a", "expected": "c", "within": 3}\n'
    assert len(canaries(tmp_path, text, "c.jsonl")) == 2


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.tsv", "", "holds no canary"),
        ("c.tsv", "# nothing\n", "holds no canary"),
        ("c.tsv", "only a question\n", r"c\.tsv:1: it has 1 fields"),
        ("c.tsv", "q\ta\t1\tmore\n", "it has 4 fields"),
        ("c.tsv", "q\t\n", "no article is expected"),
        ("c.tsv", " \ta\n", "the query is empty"),
        ("c.tsv", f"{MUSK}q\ta\tten\n", r"c\.tsv:2: within is 'ten'"),
        ("c.tsv", "q\ta\t0\n", "within is 0"),
        ("c.tsv", "q\ta\t1000\n", "from 1 to 100"),
        ("c.jsonl", "q\ta\n", "not JSON"),
        ("c.jsonl", "[" * 100_000, "not JSON"),
        ("c.jsonl", '["q", "a"]', "no object"),
        ("c.jsonl", '{"question": "q"}', "no object"),
        ("c.jsonl", '{"question": "q", "expected": "a", "lang": "fr"}', "no object"),
        ("c.jsonl", '{"question": 1, "expected": "a"}', "the query is a int"),
        ("c.jsonl", '{"question": "q", "expected": 1}', "no article is expected"),
        ("c.jsonl", '{"question": "q", "expected": "a", "within": true}', "within is True"),
    ],
)
def test_files_that_are_none(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(CanaryError, match=message):
        canaries(tmp_path, text, name)


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(CanaryError, match="No such file"):
        Canaries.read(tmp_path / "none.tsv")
    (tmp_path / "c.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CanaryError, match="not UTF-8"):
        Canaries.read(tmp_path / "c.tsv")


def test_a_build_is_asked_before_it_is_served(own_index: Path, encoder: Encoder, tmp_path: Path) -> None:
    before = generation.current_name(own_index)
    rest = tmp_path / "rest.jsonl"
    rest.write_text("\n".join(sample.path().read_text(encoding="utf-8").splitlines()[5:7]), encoding="utf-8")
    failing = canaries(tmp_path, f"{MUSK}qui menace Microsoft\tdebian-news-2012-20120213-fr\t1\nqui\tnowhere\n")
    with pytest.raises(VerificationFailed) as caught:
        build([rest], own_index, encoder=encoder, quiet=True, canaries=failing)
    said = caught.value.problem
    assert "the new build is not served: 2 of 3 canaries failed" in said
    assert "canaries.tsv:2: 'qui menace Microsoft' must bring 'debian-news-2012-20120213-fr' among the 1st hit" in said
    assert "first came 'musk-menace-microsoft'" in said
    assert "must bring 'nowhere' among the first 10 hits; there is no such article" in said
    assert generation.current_name(own_index) == before
    report = build([rest], own_index, encoder=encoder, quiet=True, canaries=canaries(tmp_path, MUSK))
    assert (report.published, report.verified.canaries, report.embedded) == (True, 1, 0)
