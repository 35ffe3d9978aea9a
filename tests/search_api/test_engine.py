"""The engine over the sample corpus, with the real encoder."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from corpus import sample
from indexer.build import build
from indexer.encoder import Encoder
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.precision import Precision
from indexer.errors import EncoderMismatch, IndexMissing
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.errors import ArticleMissing, QueryError
from search_api.fusion import DIGITS

MUSK = "musk-menace-microsoft"
HOSTILE = [
    "\0\0",
    "a\0b",
    "\ud800",
    "\ufdfa" * 1000,
    "\u202eabc",
    "مرحبا",
    "🚀",
    "<script>",
    "'; DROP TABLE articles",
    "e\u0301" * 900,
]
NOTHING = ["", " ", "\n\t\u3000", "\x00\x01\x1b", "\u200b\u200d\ufeff", "\u202e"]


@pytest.mark.parametrize(
    "question",
    ["qui menace Microsoft", "who threatens Microsoft", "wer droht Microsoft", "谁威胁微软", "من يهدد مايكروسوفت"],
)
def test_the_question_the_project_is_for(engine: SearchEngine, question: str) -> None:
    first = engine.search(question).hits[0]
    assert first.article_id == MUSK
    assert any("menace d’intenter une action en justice contre Microsoft" in passage.text for passage in first.passages)


def test_offsets_point_into_the_article(engine: SearchEngine) -> None:
    for hit in engine.search("Debian release", k=20):
        text = engine.article(hit.article_id).text
        for passage in hit.passages:
            assert passage.text == text[passage.start : passage.end]


def test_one_hit_an_article_best_first(engine: SearchEngine) -> None:
    results = engine.search("Debian conference", k=50, group=False)
    assert len({hit.article_id for hit in results}) == len(results) == 50
    scores = [hit.score for hit in results]
    assert scores == sorted(scores, reverse=True)
    for hit in results:
        assert hit.score == max(passage.score for passage in hit.passages)
        assert len(hit.passages) <= 3


@pytest.mark.parametrize("k", [1, 5, 40, 1000])
@pytest.mark.parametrize(
    "filters",
    [{}, {"lang": ["ko"]}, {"lang": ["fr", "ja"], "since": "2014-01-01", "until": "2016-08-05"}, {"lang": "zh"}],
)
def test_k_hits_whenever_k_articles_match(engine: SearchEngine, k: int, filters: dict[str, object]) -> None:
    articles = [json.loads(line) for line in sample.path().read_text(encoding="utf-8").splitlines()]
    langs = filters.get("lang")
    matching = {
        article["id"]
        for article in articles
        if (not langs or article["lang"] in langs)
        and str(filters.get("since", "0")) <= article["published"] <= str(filters.get("until", "9"))
    }
    found = [hit.article_id for hit in engine.search("security", k, group=False, **filters)]  # type: ignore[arg-type]
    assert len(found) == min(k, len(matching))
    assert set(found) <= matching


def test_the_order_is_that_of_all_scores(sample_index: Path, encoder: Encoder) -> None:
    generation = Generation.open(sample_index)
    vectors = generation.vectors.vectors(np.arange(generation.vectors.count))
    scores = vectors @ generation.neutral.questions(encoder.encode_queries(["nouvelle version de Debian"]))[0]
    best: dict[int, float] = {}
    for row, article in enumerate(generation.facts.article_rows(range(len(scores)))):
        best[article] = max(best.get(article, -1), round(float(scores[row]), DIGITS))
    expected = sorted(best, key=lambda row: (-best[row], row))[:30]
    with SearchEngine(generation, encoder, dense_only=True) as dense:
        hits = dense.search("nouvelle version de Debian", 30, group=False)
        assert [generation.facts.article_row(hit.article_id) for hit in hits] == expected


def test_similar_leaves_the_article_out_and_finds_its_translations(engine: SearchEngine) -> None:
    story = next(a for line in sample.path().read_text().splitlines() if (a := json.loads(line)).get("parallel_id"))
    results = engine.similar(story["id"], k=10, group=False)
    assert len(results) == 10
    assert story["id"] not in {hit.article_id for hit in results}
    related = [engine.article(hit.article_id).metadata["parallel_id"] for hit in results.hits]
    assert story["parallel_id"] in related


def test_similarity(engine: SearchEngine) -> None:
    found = engine.similarity(["Musk menace Microsoft"], ["Musk threatens Microsoft", "Debian ist erschienen", "x"])
    assert (found.shape, found.dtype) == ((1, 3), np.float32)
    assert found[0, 0] > found[0, 1]
    assert engine.similarity([], ["a"]).shape == (0, 1)


@pytest.mark.parametrize("query", NOTHING)
def test_a_question_that_says_nothing(engine: SearchEngine, query: str) -> None:
    with pytest.raises(QueryError, match="empty"):
        engine.search(query)


def test_a_question_too_long(engine: SearchEngine) -> None:
    with pytest.raises(QueryError, match="100,000 characters"):
        engine.search("a" * 100_000)


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_questions_get_an_answer(engine: SearchEngine, query: str) -> None:
    if query.strip("\0"):
        assert len(engine.search(query, k=2)) == 2


@pytest.mark.parametrize(
    "part", ["a ", "字 ", "😀 ", "a\u200b", "e\u0301\u0302 ", "\ufdfa", "a     ", "x", "ـ", "½", "❤\ufe0f", "\ue000 "]
)
@pytest.mark.parametrize("times", [60, 300, 900])
def test_a_note_says_where_the_encoder_does_not_read_all(
    engine: SearchEngine, encoder: Encoder, part: str, times: int
) -> None:
    query = engine.search((part * times)[:2_000].strip()).query
    spec = encoder.spec
    length = encoder.count_tokens([spec.query_prompt + query])[0] + 2
    notes = [note for note in engine.search(query).notes if "tokens" in note]
    expected = f"the query has {length:,} tokens; the encoder read the first {spec.max_tokens:,}"
    assert notes == ([expected] if length > spec.max_tokens else [])
    assert [note for note in engine.coverage(query).notes if "tokens" in note] == notes


@pytest.mark.parametrize("k", [0, -1, 10_000, "3", 2.0])
def test_counts_out_of_range(engine: SearchEngine, k: object) -> None:
    with pytest.raises(QueryError, match="k is"):
        engine.search("x", k)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("filters", "message"),
    [
        ({"lang": ["xx"]}, "'xx' is no language"),
        ({"lang": ["français!"]}, "no language code"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2023-02-30"}, "until"),
        ({"since": "2024-01-02", "until": "2024-01-01"}, "is after"),
    ],
)
def test_filters_that_make_no_sense(engine: SearchEngine, filters: dict[str, object], message: str) -> None:
    with pytest.raises(QueryError, match=message):
        engine.search("x", **filters)  # type: ignore[arg-type]


def test_a_day_includes_itself_and_a_note_says_what_is_not_held(engine: SearchEngine) -> None:
    only = engine.search("Microsoft", since="2023-04-20", until="2023-04-20")
    assert [hit.article_id for hit in only] == [MUSK]
    none = engine.search("Microsoft", lang=["sw"], source=["Nowhere Times"])
    assert len(none) == 0
    assert "sw" in none.notes[0]
    assert "Nowhere Times" in none.notes[1]


def test_unknown_articles(engine: SearchEngine) -> None:
    with pytest.raises(ArticleMissing):
        engine.article("nothing")
    with pytest.raises(ArticleMissing):
        engine.similar("nothing")


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="veille index"):
        SearchEngine.open(tmp_path)


def test_another_encoder_is_refused(sample_index: Path, tmp_path: Path) -> None:
    exact = BundledEncoder.load(precision=Precision.FP32, folder=tmp_path)
    from indexer.generation import Generation

    generation = Generation.open(sample_index)
    with pytest.raises(EncoderMismatch, match="veille index"):
        SearchEngine(generation, exact)
    generation.close()


def test_threads_get_the_same_answers(engine: SearchEngine) -> None:
    from concurrent.futures import ThreadPoolExecutor

    expected = engine.search("Debian security").hits
    with ThreadPoolExecutor(8) as pool:
        assert all(found.hits == expected for found in pool.map(lambda _: engine.search("Debian security"), range(24)))


def test_an_answer_needs_no_torch(sample_index: Path) -> None:
    code = (
        "import sys; from search_api import SearchEngine; e = SearchEngine.open(sys.argv[1]); e.search('Microsoft'); "
        "e.similarity(['a'], ['b']); e.close(); "
        "print([m for m in ('torch', 'sentence_transformers') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code, str(sample_index)], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_an_index_of_one_article(tmp_path: Path, encoder: Encoder) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "é/1 ?", "text": "Une seule phrase.", "lang": "fr"}\n')
    build([tmp_path / "a.jsonl"], tmp_path / "i", encoder=encoder, quiet=True)
    with SearchEngine.open(tmp_path / "i") as small:
        assert [hit.article_id for hit in small.search("phrase", 10)] == ["é/1 ?"]
        assert len(small.similar("é/1 ?")) == 0
