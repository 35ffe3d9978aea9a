"""What is suggested to who types: by hand, from the sample corpus, and over HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.build import build
from indexer.encoder import Encoder
from search_api import SearchEngine
from search_api.app import create_app
from search_api.suggestions import LONGEST, Suggestion, Suggestions
from tests.search_api.serving import write_articles

KNOWN = Suggestions(
    [
        Suggestion("Elon Musk", "name", 9),
        Suggestion("Debian", "name", 5),
        Suggestion("Élections à Paris", "title", 2),
        Suggestion("Le patron de Tesla est Elon Musk", "title", 1),
        Suggestion("L’Internet des objets, d’après C++", "title", 1),
        Suggestion("人気コンテスト", "title", 1),
        Suggestion("Debian の人気", "title", 1),
        Suggestion("데비안 7 릴리스", "title", 1),
        Suggestion("Определение кодировки", "title", 1),
        Suggestion("élections A PARIS", "title", 1),
        Suggestion("apt-listchanges", "title", 1),
        Suggestion("\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645", "title", 1),
    ]
)


def typed(text: str) -> list[str]:
    return [suggestion.text for suggestion in KNOWN.for_typed(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e", ["Elon Musk", "Élections à Paris", "Le patron de Tesla est Elon Musk"]),
        ("ELEC", ["Élections à Paris"]),
        ("élec", ["Élections à Paris"]),
        ("paris élec", ["Élections à Paris"]),
        ("musk", ["Elon Musk", "Le patron de Tesla est Elon Musk"]),
        ("tesla mu", ["Le patron de Tesla est Elon Musk"]),
        ("mus ", []),
        ("musk ", ["Elon Musk", "Le patron de Tesla est Elon Musk"]),
        ("l’int", ["L’Internet des objets, d’après C++"]),
        ("inter", ["L’Internet des objets, d’après C++"]),
        ("c+", ["L’Internet des objets, d’après C++"]),
        ("人", ["人気コンテスト", "Debian の人気"]),
        ("気コ", ["人気コンテスト"]),
        ("debian 人気", ["Debian の人気"]),
        ("데비", ["데비안 7 릴리스"]),
        ("определ", ["Определение кодировки"]),
        ("listch", ["apt-listchanges"]),
        ("apt-li", ["apt-listchanges"]),
        ("\u0645\u0631", ["\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645"]),
        ("", []),
        ("  ", []),
        ("?!", []),
        ("musk" * LONGEST, []),
    ],
)
def test_every_word_whole_the_last_as_a_beginning(text: str, expected: list[str]) -> None:
    assert typed(text) == expected


def test_at_most_ten_and_room_for_titles() -> None:
    names = [Suggestion(f"Debian {number}", "name", 1) for number in range(20)]
    titles = [Suggestion(f"A debian {number}", "title", 1) for number in range(20)]
    kinds = [found.kind for found in Suggestions(names + titles).for_typed("debi")]
    assert kinds == ["name"] * 4 + ["title"] * 6
    assert [found.kind for found in Suggestions(names).for_typed("debi")] == ["name"] * 10
    assert Suggestions([]).for_typed("debi") == []


def test_what_begins_as_was_typed_stands_first() -> None:
    known = Suggestions([Suggestion(text, "title", 1) for text in ("Un musk", "Musk again", "The musk", "Musk")])
    assert [found.text for found in known.for_typed("mus")] == ["Musk again", "Musk", "Un musk", "The musk"]


def test_of_the_sample_corpus(engine: SearchEngine) -> None:
    found = engine.suggest("deb")
    assert 5 <= len(found) <= 10
    assert (found[0].text, found[0].kind) == ("Debian", "name")
    assert any(suggestion.kind == "title" for suggestion in found)
    assert found[0].count > 3
    assert engine.suggest("\ud800") == []


def test_hostile_titles_are_text(encoder: Encoder, tmp_path: Path) -> None:
    hostile = '<img src=x onerror="alert(1)">\nBoum'
    more = {"id": "h", "title": hostile, "text": "Une image.", "lang": "fr"}
    long = {"id": "l", "title": "Boum " * 100, "text": "Une autre.", "lang": "fr"}
    build([write_articles(tmp_path / "a.jsonl", more, long)], tmp_path / "i", encoder=encoder, quiet=True)
    with TestClient(create_app(tmp_path / "i")) as client:
        answer = client.get("/suggest", params={"q": "bou"})
        assert answer.headers["content-type"] == "application/json"
        assert answer.json() == {
            "suggestions": [{"text": '<img src=x onerror="alert(1)"> Boum', "kind": "title", "count": 1}]
        }
        assert client.get("/suggest?q=").json() == {"suggestions": []}
        assert client.get("/suggest").status_code == 400
        assert client.get("/suggest?q=a&k=3").status_code == 200
