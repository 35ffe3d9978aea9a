"""Articles as they should not be: malformed in fifteen ways, five megabytes long, without any sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.errors import SourceError
from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api import SearchEngine
from tests.faults.conftest import Story, written
from tests.faults.served import answers, whole

MANY = 10_000
# Line and the kind it is counted as.
MALFORMED: tuple[tuple[bytes, str], ...] = (
    (b'{"id": "a", "text": "cut off', "json"),
    (b'{"id": "b", "text": "\xff\xfe"}', "encoding"),
    (b'{"id": "c", "text": "x", "score": NaN}', "json"),
    (b'["an", "array"]', "not-an-object"),
    (b'"a string"', "not-an-object"),
    (b"42", "not-an-object"),
    (b'{"id": "d", "title": "no text"}', "no-text"),
    (b'{"id": "e", "text": " \\n\\t "}', "no-text"),
    (b'{"id": "f", "text": 7}', "field"),
    (b'{"id": "g", "text": "x", "title": ["t"]}', "field"),
    (b'{"id": {"h": 1}, "text": "x"}', "field"),
    (b'{"id": "i", "text": "x", "published": "yesterday"}', "date"),
    (b'{"id": "j", "text": "x", "published": "2024-13-45"}', "date"),
    (b'{"id": "number-1", "text": "another article under a known id"}', "duplicate-id"),
    (b'{"id": "k", "text": "x", "deep": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "json"),
)


def test_ten_thousand_articles_of_which_one_in_a_hundred_is_malformed(tmp_path: Path, encoder: Encoder) -> None:
    source = tmp_path / "many.jsonl"
    expected: dict[str, int] = {}
    with source.open("wb") as stream:
        for number in range(MANY):
            if number % 100 == 99:
                line, kind = MALFORMED[number // 100 % len(MALFORMED)]
                expected[kind] = expected.get(kind, 0) + 1
            else:
                text = f"Short piece of news, number {number % 7}."
                line = json.dumps({"id": f"number-{number}", "text": text, "lang": "en"}).encode()
            stream.write(line + b"\n")
    with pytest.raises(SourceError, match=r"many\.jsonl:100"):
        build([source], tmp_path / "index", encoder=encoder, quiet=True)
    report = build([source], tmp_path / "index", encoder=encoder, quiet=True, on_error="skip")
    assert (report.articles, report.embedded, report.read.skipped) == (MANY - MANY // 100, 7, MANY // 100)
    assert report.read.by_kind == expected
    assert len(report.read.first) == 10
    assert all("many.jsonl:" in message for message in report.read.first)
    assert whole(tmp_path / "index")
    print(f"\n{MANY:,} articles, {report.read.skipped} malformed in {len(MALFORMED)} ways: {report.read.by_kind}")


@pytest.mark.parametrize("unit", ["Debian has been released. ", "debian", "公開🙂"])
def test_five_megabytes(story: Story, index: Path, encoder: Encoder, tmp_path: Path, unit: str) -> None:
    """Sentences, one word, no spaces and emoji: all of it is found again, nothing is cut off."""
    text = (unit * (5_000_000 // len(unit.encode()) + 1)).strip()
    source = written(tmp_path / "large.jsonl", [{"id": "large", "text": text, "lang": "en", "source": "Large"}])
    build([source], index, encoder=encoder, quiet=True)
    found = Generation.open(index)
    with SearchEngine(found, encoder) as engine:
        (hit,) = engine.search("Debian", 1, source="Large")
        assert hit.article_id == "large"
        assert engine.article("large").text == text
        passages = found.facts.passages(found.places.rows_of(found.facts.article_row("large") or 0).tolist())
    assert "".join(text[passage.start : passage.end] for passage in passages).replace(" ", "") == text.replace(" ", "")
    assert max(encoder.count_tokens([text[p.start : p.end] for p in passages])) < 510


@pytest.mark.parametrize(
    "text", ["...", "!?!?\n\n—", "🙂🎉", "\u200b\u200d\ufeff", "\u0301", "　\u3000。", "\x00\x01x\x02", "0"]
)
def test_no_sentence_at_all(story: Story, index: Path, encoder: Encoder, tmp_path: Path, text: str) -> None:
    """It is kept and can be asked for, and what the others answer stays the same."""
    source = written(tmp_path / "odd.jsonl", [{"id": "odd", "text": text, "lang": "en", "source": "Odd"}])
    report = build([source], index, encoder=encoder, quiet=True)
    assert report.articles == story.report.articles - len(story.answers_after[0]) + len(story.answers_before[0]) + 1
    found = Generation.open(index)
    with SearchEngine(found, encoder) as engine:
        assert engine.article("odd").text
        assert len(engine.search("Debian", 100, source="Odd")) <= 1
        assert not [hit for hit in engine.similar("odd", 100) if hit.article_id == "odd"]
        assert len(engine.highlights("Debian", ["odd"])) == 1
    # One article more moves what is taken off for its language: of two that score the same, the other may come first.
    others = [{answer.article for answer in found if answer.article != "odd"} for found in answers(index, encoder)]
    assert others == [{answer.article for answer in found} for found in story.answers_before]
