"""One hit a story: what is shown, what is listed with it, and that nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.build import build
from indexer.encoder import Encoder
from indexer.errors import IndexDamaged
from indexer.generation import Generation
from indexer.groups import NAME, Groups
from search_api import SearchEngine
from search_api.notebook import results_html
from search_api.printing.hits import results_lines

ENGLISH = (
    "Elon Musk threatened on Wednesday to sue Microsoft after the company dropped Twitter from its {} platform. Musk "
    "said that Microsoft had trained illegally using Twitter data. Microsoft declined to comment. The billionaire "
    "bought Twitter for $44 billion in October 2022 and has since cut 6,500 jobs."
)
FRENCH = (
    "Elon Musk a menacé mercredi de poursuivre Microsoft en justice après que l’entreprise a retiré Twitter de sa "
    "plateforme publicitaire. Selon Musk, Microsoft s’est entraînée illégalement avec les données de Twitter. "
    "Microsoft a refusé de commenter. Le milliardaire a acheté Twitter pour 44 milliards de dollars en octobre 2022 "
    "et a depuis supprimé 6 500 emplois."
)
RECORDS = [
    {"id": "reuters", "title": "Musk threatens Microsoft", "lang": "en", "source": "Reuters", "published": "2023-04-20",
     "url": "https://reuters.example/musk", "text": ENGLISH.format("advertising")},
    {"id": "verge", "title": "Lawsuit time?", "lang": "en", "source": "<b>Verge", "published": "2023-04-19",
     "text": ENGLISH.format("ad") + " Subscribe to our newsletter."},
    {"id": "lemonde", "title": "Musk menace Microsoft d’un procès", "lang": "fr", "source": "Le Monde",
     "published": "2023-04-20T08:00:00Z", "text": FRENCH},
    {"id": "ruby", "title": "Ruby 3.4", "lang": "en", "source": "Ruby", "published": "2024-12-25",
     "text": "Ruby 3.4 has been released. It brings a new parser, and many improvements of speed."},
    {"id": "php", "title": "PHP 8.4", "lang": "fr", "source": "PHP",
     "text": "PHP 8.4 est sorti. Cette version apporte des crochets de propriétés et une API DOM nouvelle."},
]  # fmt: skip
STORY = {"reuters", "verge", "lemonde"}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    return built(RECORDS, tmp_path_factory.mktemp("grouping"), encoder)


@pytest.fixture(scope="module")
def grouping(index: Path, encoder: Encoder) -> Iterator[SearchEngine]:
    with SearchEngine(Generation.open(index), encoder) as engine:
        yield engine


def built(records: list[dict[str, str]], folder: Path, encoder: Encoder) -> Path:
    source = folder / "news.jsonl"
    source.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    build([source], folder / "index", encoder=encoder, quiet=True)
    return folder / "index"


def stories(index: Path) -> set[frozenset[str]]:
    generation = Generation.open(index)
    generation.close()
    ids, groups = generation.places.ids, generation.groups.stories.tolist()
    return {frozenset(ids[row] for row, group in enumerate(groups) if group == first) for first in groups}


@pytest.mark.parametrize(("question", "prefer", "shown"), [("qui menace Microsoft", "query", "lemonde")])
def test_the_version_that_answers_best_is_shown(grouping: SearchEngine, question: str, prefer: str, shown: str) -> None:
    first = grouping.search(question, prefer=prefer)[0]
    assert first.article_id == shown
    assert [(copy.article_id, copy.kind) for copy in first.copies] == [
        ("verge", "translation"),
        ("reuters", "translation"),
    ]
    assert first.copies[1].url == "https://reuters.example/musk"
    assert grouping.article(first.copies[0].article_id).title == "Lawsuit time?"


def test_k_counts_stories_and_nothing_is_lost(grouping: SearchEngine) -> None:
    hits = grouping.search("who threatens Microsoft", k=3)
    assert len(hits) == 3
    everything = [name for hit in hits for name in (hit.article_id, *(copy.article_id for copy in hit.copies))]
    assert sorted(everything) == sorted(record["id"] for record in RECORDS)
    apart = grouping.search("who threatens Microsoft", k=5, group=False)
    assert {hit.article_id for hit in list(apart)[:3]} == STORY
    assert len(apart) == 5
    assert all(not hit.copies for hit in apart)


def test_a_filter_chooses_the_hit_but_not_its_copies(grouping: SearchEngine) -> None:
    first = grouping.search("qui menace Microsoft", lang="en", source="Reuters")[0]
    assert first.article_id == "reuters"
    assert {(copy.article_id, copy.kind) for copy in first.copies} == {("verge", "copy"), ("lemonde", "translation")}


def test_similar_leaves_out_what_is_known_unless_a_language_is_asked_for(grouping: SearchEngine) -> None:
    assert {hit.article_id for hit in grouping.similar("reuters")} == {"ruby", "php"}
    assert grouping.similar("reuters", lang="fr")[0].article_id == "lemonde"
    assert "verge" not in {hit.article_id for hit in grouping.similar("reuters", lang="en")}
    assert {hit.article_id for hit in grouping.similar("reuters", group=False)} == {"verge", "lemonde", "ruby", "php"}


def test_copies_of_an_article(grouping: SearchEngine) -> None:
    assert [copy.article_id for copy in grouping.copies("lemonde")] == ["verge", "reuters"]
    assert grouping.copies("ruby") == ()


def test_how_it_looks(grouping: SearchEngine) -> None:
    results = grouping.search("qui menace Microsoft", k=1, lang="fr")
    assert "    also in: en <b>Verge, en Reuters" in list(results_lines(results, 100))
    assert "also in: en &lt;b&gt;Verge, en Reuters" in results_html(results)
    assert results.to_frame()["copies"][0] == ("verge", "reuters")
    assert [copy["article_id"] for copy in results.to_json()["hits"][0]["copies"]] == ["verge", "reuters"]


def test_counts_are_in_the_manifest(grouping: SearchEngine) -> None:
    info = grouping.info()
    assert (info.groups, info.copies, info.translations) == (1, 1, 1)


def test_in_steps_or_at_once_gives_the_same_groups(index: Path, tmp_path: Path, encoder: Encoder) -> None:
    steps = built(RECORDS[:2], tmp_path, encoder)
    assert stories(steps) == {frozenset({"reuters", "verge"})}
    for start in (2, 4):
        built(RECORDS[start:][::-1], tmp_path, encoder)
    assert stories(steps) == stories(index)
    assert frozenset(STORY) in stories(index)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(IndexDamaged, match=NAME):
        Groups.open(tmp_path, 2)
