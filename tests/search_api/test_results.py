"""Results: escaped in notebooks, one row a passage in frames, plain JSON."""

from __future__ import annotations

import json

import pytest

from search_api.printing import results_lines
from search_api.results import Hit, PassageHit, Results
from search_api.terminal import json_text, plain

EVIL = "<script>alert(1)</script>"


def results(url: str | None = None, title: str = EVIL, text: str = EVIL) -> Results:
    passages = (PassageHit("p", text, 0, 9, 0.5), PassageHit("q", "b", 10, 11, 0.25))
    hit = Hit("a", title, "S & T", "2023-04-20", "fr", url, 0.5, passages)
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
