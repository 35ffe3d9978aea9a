"""Results: escaped in notebooks, one row a passage in frames, plain JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from search_api.printing.hits import results_lines
from search_api.results import Citation, Highlight, Hit, PassageHit, Results
from search_api.terminal import columns, json_text, plain, takes_bold, wrapped

EVIL = "<script>alert(1)</script>"
CITATION = Citation("build", "model", "revision", "hash", "?read=a", 0, 9)


def results(url: str | None = None, title: str = EVIL, text: str = EVIL) -> Results:
    passages = (PassageHit("p", text, 0, 9, 0.5), PassageHit("q", "b", 10, 11, 0.25))
    hit = Hit("a", title, "S & T", "2023-04-20", "fr", url, 0.5, passages, CITATION)
    return Results(f"q {EVIL}", (hit,), "build", 0.01, (f"note {EVIL}",))


def test_html_is_escaped() -> None:
    page = results()._repr_html_()
    assert "<script" not in page
    assert "S &amp; T" in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x", "//x.org", "http://x.org/"])
def test_only_web_addresses_become_links(url: str) -> None:
    page = results(url)._repr_html_()
    assert ("<a " in page) == url.startswith("http")


def test_a_link_cannot_break_out() -> None:
    assert 'href="https://x.org/&quot;&gt;&lt;b&gt;"' in results('https://x.org/"><b>')._repr_html_()


def test_what_is_absent_is_escaped() -> None:
    lacking = replace(results(), answered=False, absent=("<b>9",))
    assert "names &lt;b&gt;9. What" in lacking._repr_html_()
    assert next(results_lines(lacking, 80)) == "Nothing in this index names <b>9. What comes nearest:"


def test_no_hits() -> None:
    empty = Results("q", (), "build", 0.0)
    assert "0 articles" in empty._repr_html_()
    assert empty.to_frame().empty
    assert "o article" in "\n".join(results_lines(empty, 80))


def test_frame_and_json() -> None:
    frame = results().to_frame()
    assert frame[["rank", "passage_id", "passage_score"]].to_numpy().tolist() == [[1, "p", 0.5], [1, "q", 0.25]]
    data = results().to_json()
    assert json.loads(json.dumps(data)) == data
    assert data["hits"][0]["passages"][1] == {"id": "q", "text": "b", "start": 10, "end": 11, "score": 0.25}


def test_the_terminal_gets_no_orders() -> None:
    assert plain("a\x1b[31mb\u202ec\x9bd\ne\x07") == "a[31mbcd e"
    evil = results(title="T\x1b]0;x\x07", text="p\x1b[2J\u202e")
    text = "\n".join(results_lines(evil, 80))
    assert "\x1b" not in text
    assert "1. T]0;x" in text
    spelt = json_text(evil.to_json())
    assert json.loads(spelt) == evil.to_json()
    assert "\u202e" not in spelt
    assert "\x1b" not in spelt


PASSAGE = "Il pleut <b>. \x1b[31mMusk\u202e menace Microsoft & l’API\nde Twitter. 微软是一家很大的公司。"
SENTENCE = "\x1b[31mMusk\u202e menace Microsoft & l’API\nde Twitter."


def highlighted(text: str = PASSAGE, sentence: str = SENTENCE, start: int = 100) -> Results:
    place = start + text.index(sentence)
    chosen = Highlight(sentence, place, place + len(sentence))
    passages = (PassageHit("p", text, start, start + len(text), 0.5), PassageHit("q", sentence, 0, len(sentence), 0.2))
    return Results("q", (Hit("a", "T", "S", None, "fr", None, 0.5, passages, CITATION, chosen),), "build", 0.01)


def test_html_marks_the_sentence_and_escapes_it() -> None:
    page = highlighted(sentence="Musk\u202e menace Microsoft & l’API\nde Twitter.")._repr_html_()
    assert page.count("<mark>") == page.count("</mark>") == 1
    assert "<mark>Musk\u202e menace Microsoft &amp; l’API\nde Twitter.</mark> 微软" in page
    assert "Il pleut &lt;b&gt;" in page
    assert "<mark><script" not in highlighted(EVIL, EVIL)._repr_html_()


def test_a_frame_has_the_sentence_beside_the_passage_that_holds_it() -> None:
    frame = highlighted().to_frame()
    assert frame["highlight"][0] == SENTENCE
    assert frame["highlight"].isna().tolist() == [False, True]
    assert results().to_frame()["highlight"].isna().all()


def test_without_bold_the_sentence_has_lines_of_its_own() -> None:
    lines = "\n".join(results_lines(highlighted(), 32)).splitlines()
    assert lines[2:5] == ["    → [31mMusk menace Microsoft", "      & l’API de Twitter.", "    [100-173] 0.500"]
    assert "→" not in "\n".join(results_lines(results(), 80))


@pytest.mark.parametrize("width", [20, 28, 40, 79, 200])
def test_bold_changes_nothing_but_the_weight(width: int) -> None:
    bold = "\n".join(results_lines(highlighted(), width, bold=True))
    bare = "\n".join(line for line in re.sub(r"\x1b\[[01]m", "", bold).splitlines())
    without = Results("q", tuple(_without(hit) for hit in highlighted()), "build", 0.01)
    assert bare == "\n".join(results_lines(without, width, bold=True))
    parts = re.findall(r"\x1b\[1m(.*?)\x1b\[0m", bold)
    assert " ".join(parts).replace(" ", "") == plain(SENTENCE).replace(" ", "")
    assert bold.count("\x1b") == 2 * len(parts)
    assert all(part == part.strip() for part in parts)
    assert all(columns(line) <= max(width, 28) for line in bare.splitlines()[2:-1])


def _without(hit: Hit) -> Hit:
    return Hit("a", hit.title, hit.source, None, hit.lang, None, hit.score, hit.passages, hit.citation)


def test_bold_in_text_of_wide_characters_and_of_one_line() -> None:
    text = "微软是一家公司。马斯克威胁微软。没有别的。"
    assert wrapped(text, 20, "", (8, 16)).splitlines() == [
        "微软是一家公司。\x1b[1m马斯\x1b[0m",
        "\x1b[1m克威胁微软。\x1b[0m没有别的",
        "。",
    ]
    assert wrapped("a b", 20, "> ", (0, 3)) == "> \x1b[1ma b\x1b[0m"
    assert wrapped("a b", 20, "> ", (1, 1)) == wrapped("a b", 20, "> ", (1, 2)) == "> a b"


def test_bold_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    assert takes_bold()
    monkeypatch.setenv("TERM", "dumb")
    assert not takes_bold()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not takes_bold()
