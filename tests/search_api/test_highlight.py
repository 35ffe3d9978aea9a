"""The sentence that answers: chosen from stored codes or by encoding, where it stands, and by hand arithmetic."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from corpus import sample
from indexer.build import build
from indexer.codes import Codes, pack
from indexer.compared import Compared, Near
from indexer.encoder import Encoder, QueryTokens
from indexer.encoders import load_encoder
from indexer.facts import StoredPassage
from indexer.generation import Generation
from search_api import SearchEngine, highlight
from search_api.errors import ArticleMissing, QueryError
from search_api.highlight import Highlighter, owners, token_scores
from search_api.results import Results
from search_api.retrieval import ScoredPassage

MUSK = "musk-menace-microsoft"
THREATS = ["who threatens Microsoft", "qui menace Microsoft", "谁威胁微软"]
QUESTIONS = [*THREATS, "neue Version von Debian", "من يهدد مايكروسوفت", "DebConf の開催地", "xyzzy plugh", "?", "🚀"]
STORIES = [
    ("one", "fr", "Une seule phrase parle de Debian."),
    ("two", "en", "The weather was fine all week. Elon Musk threatens to sue Microsoft. The cat is asleep."),
    ("odd", "und", "\ufdfa" * 300 + ". 🚀🔥. e\u0301 \u202eabc. مرحبا بالعالم."),
]


@pytest.fixture(scope="module")
def on_demand(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Return an engine over a few articles whose index keeps no codes."""
    folder = tmp_path_factory.mktemp("on-demand")
    articles = sample.path().read_text(encoding="utf-8").splitlines()[:3]
    stories = [json.dumps({"id": name, "lang": lang, "text": text}) for name, lang, text in STORIES]
    (folder / "a.jsonl").write_text("\n".join([*articles, *stories]), encoding="utf-8")
    build([folder / "a.jsonl"], folder / "index", encoder=encoder, quiet=True, keep_codes=False)
    with SearchEngine.open(folder / "index") as opened:
        yield opened


@pytest.fixture(scope="module")
def stored(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchEngine]:
    """Return an engine over the stories whose index keeps codes."""
    folder = tmp_path_factory.mktemp("stored")
    stories = [json.dumps({"id": name, "lang": lang, "text": text}) for name, lang, text in STORIES]
    (folder / "a.jsonl").write_text("\n".join(stories), encoding="utf-8")
    build([folder / "a.jsonl"], folder / "index", encoder=encoder, quiet=True)
    with SearchEngine.open(folder / "index") as opened:
        yield opened


def assert_in_place(engine: SearchEngine, results: Results) -> None:
    assert results.hits
    for hit in results:
        chosen = hit.highlight
        assert chosen
        assert chosen.text == engine.article(hit.article_id).text[chosen.start : chosen.end]
        assert chosen.text.strip()
        start, end = chosen.within(hit.passages[0]) or (0, 0)
        assert hit.passages[0].text[start:end] == chosen.text


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_stands_in_the_best_passage_where_it_says(
    engine: SearchEngine, stored: SearchEngine, on_demand: SearchEngine, question: str
) -> None:
    for asked in (engine, stored, on_demand):
        assert_in_place(asked, asked.search(question, 10))


@pytest.mark.parametrize("question", THREATS)
def test_the_question_the_project_is_for(engine: SearchEngine, on_demand: SearchEngine, question: str) -> None:
    first = engine.search(question, 1)[0]
    assert first.article_id == MUSK
    assert first.highlight
    assert first.highlight.start == 0
    assert first.highlight.text.startswith("Elon Musk menace d’intenter une action en justice contre Microsoft")
    (found,) = [hit for hit in on_demand.search(question, 6) if hit.article_id == MUSK]
    assert found.highlight
    assert found.highlight.text.startswith("Elon Musk menace")


@pytest.mark.parametrize("question", THREATS)
def test_neither_the_first_nor_the_last_sentence(stored: SearchEngine, on_demand: SearchEngine, question: str) -> None:
    for asked in (stored, on_demand):
        (chosen,) = asked.highlights(question, ["two"])
        assert chosen.text == "Elon Musk threatens to sue Microsoft."


def test_a_passage_of_one_sentence_shows_it(stored: SearchEngine, on_demand: SearchEngine) -> None:
    for asked in (stored, on_demand):
        (chosen,) = asked.highlights("qui menace Microsoft", ["one"])
        assert (chosen.start, chosen.text) == (0, STORIES[0][2])


def test_whole_articles_are_read_in_the_order_asked_for(engine: SearchEngine) -> None:
    ids = [json.loads(line)["id"] for line in sample.path().read_text(encoding="utf-8").splitlines()[:5]]
    found = engine.highlights("contact for more information", [*ids[::-1], ids[0]])
    assert found[0] == engine.highlights("contact for more information", [ids[4]])[0]
    assert found[-1] == found[-2]
    for article_id, chosen in zip(ids[::-1], found, strict=False):
        assert engine.article(article_id).text[chosen.start : chosen.end] == chosen.text
    (beyond_the_first_passage,) = engine.highlights("que répond le service de presse de Twitter", [MUSK])
    assert "émoji" in beyond_the_first_passage.text
    assert engine.highlights("x", []) == []


def test_unknown_articles_and_questions_that_say_nothing(engine: SearchEngine) -> None:
    with pytest.raises(ArticleMissing, match="'nothing'"):
        engine.highlights("qui menace Microsoft", [MUSK, "nothing"])
    with pytest.raises(QueryError, match="empty"):
        engine.highlights(" ", [MUSK])


def test_articles_like_one_have_none(engine: SearchEngine) -> None:
    similar = engine.similar(MUSK, 3)
    assert [hit.highlight for hit in similar] == [None] * 3
    assert similar.to_json()["hits"][0]["highlight"] is None
    assert "<mark>" not in similar._repr_html_()


@pytest.mark.parametrize("which", ["engine", "on_demand"])
def test_threads_get_the_same_sentences(which: str, request: pytest.FixtureRequest) -> None:
    asked: SearchEngine = request.getfixturevalue(which)
    questions = QUESTIONS[:4]

    def chosen(question: str) -> list[object]:
        return [hit.highlight for hit in asked.search(question, 5)]

    expected = [chosen(question) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(chosen, questions * 4)) == expected * 4


def test_no_more_sentences_are_kept_than_wanted(
    on_demand: SearchEngine, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(highlight, "_KEPT", 3)
    highlighter = on_demand._highlighter
    again = Highlighter(on_demand._generation, encoder)
    facts = on_demand._generation.facts
    row = facts.article_row(MUSK) or 0
    group = (facts.article(row), [ScoredPassage(passage, 0.0) for passage in facts.passages_of(row)])
    for question in THREATS * 2:
        assert again.best(question, again.read(question), [group]) == highlighter.best(
            question, highlighter.read(question), [group]
        )
        assert len(again._vectors) == 3
    assert all(vector.base is None for vector in again._vectors.values())


def test_a_sentence_is_encoded_once(on_demand: SearchEngine, encoder: Encoder) -> None:
    highlighter = Highlighter(on_demand._generation, encoder)
    first = highlighter._encoded(dict.fromkeys(["a", "b"]))
    second = highlighter._encoded(dict.fromkeys(["b", "c"]))
    assert second["b"] is first["b"]
    assert list(highlighter._vectors) == ["a", "b", "c"]


def test_the_codes_say_it_not_the_encoder_of_sentences(stored: SearchEngine) -> None:
    highlighter = stored._highlighter
    assert_in_place(stored, stored.search("who threatens Microsoft", 3))
    assert not highlighter._vectors


def test_any_sentence_transformers_model_highlights(
    tmp_path: Path, small_model: Callable[[Path, Sequence[str], Mapping[str, str]], Path]
) -> None:
    words = ["query", ":", "passage", "menace", "microsoft", "musk", "twitter", "la", "."]
    model = small_model(tmp_path, words, {})
    (tmp_path / "a.jsonl").write_text(
        '{"id": "a", "text": "La Twitter. Musk menace Microsoft. La la.", "lang": "fr"}\n'
    )
    build([tmp_path / "a.jsonl"], tmp_path / "index", encoder=load_encoder(str(model)), quiet=True)
    generation = Generation.open(tmp_path / "index")
    assert generation.codes is None
    assert generation.manifest.codes_version == 0
    generation.close()
    with SearchEngine.open(tmp_path / "index") as engine:
        assert engine.info().lean
        assert_in_place(engine, engine.search("musk menace microsoft", 1))
        assert (
            engine.search("musk menace microsoft", 1)[0].highlight
            == engine.highlights("musk menace microsoft", ["a"])[0]
        )


def passage(text: str, *sentences: tuple[int, int]) -> StoredPassage:
    """Return a passage that begins at 100 of its article."""
    spans = tuple((100 + a, 100 + b) for a, b in sentences)
    return StoredPassage(0, "p", 0, 0, 100, 100 + len(text), spans, bytes(32))


def tokens(text: str, signs: list[int], ends: list[int], weights: list[float]) -> Codes:
    """Return codes of eight dimensions, of tokens that end there in a text."""
    unpacked = np.unpackbits(np.array(signs, np.uint8)[:, np.newaxis], axis=1).astype(bool)
    return pack(unpacked, len(text) - np.array(ends, np.int64), np.array(weights, np.float32))


def near(query: QueryTokens, codes: Codes, times: int = 1) -> Near:
    """Return how near the codes of a passage are, as often as the passage is there."""
    compared = Compared.of(query, codes, np.array([len(codes)]))
    return compared.at([0] * times)


def scores(query: QueryTokens, codes: Codes, read: StoredPassage) -> np.ndarray:
    (found,) = token_scores(query, near(query, codes), [read], [1])
    return found


def owned(codes: Codes, read: StoredPassage) -> list[int]:
    """Return the sentence of each token of a passage, read once and again behind itself."""
    found = owners(near(QueryTokens(np.zeros((1, 8), np.float32), np.ones(1, np.float32)), codes, 2), [read] * 2)
    first, second = found.reshape(2, -1).tolist()
    count = len(read.sentences)
    assert second == [owner if owner < 0 else owner + count for owner in first]
    return first


def test_scores_by_hand() -> None:
    # Eight dimensions, so every sign vector has length sqrt(8); two tokens in the question, worth 3/4 and 1/4.
    query = QueryTokens(np.eye(8, dtype=np.float32)[:2], np.array([0.75, 0.25], np.float32))
    # The title, then "ab", " c", "d.".
    codes = tokens("ab cd.", [0b11111111, 0b10000000, 0b01000000, 0b00000000], [-1, 2, 4, 6], [9, 1, 2, 2])
    cosine = 1 / np.sqrt(8)
    # First sentence: +cosine, -cosine. Second: -cosine (both its tokens), +cosine (its first).
    nearest = 1 / (1 + np.exp(-15 * 2 * cosine))
    first = 0.75 * (cosine + 0.7 * nearest) + 0.25 * (-cosine + 0.7 * (1 - nearest)) + 0.5 * cosine
    second = (
        0.75 * (-cosine + 0.7 * (1 - nearest)) + 0.25 * (cosine + 0.7 * nearest) + 0.5 * (2 * cosine - 2 * cosine) / 4
    )
    two = passage("ab cd.", (0, 2), (3, 6))
    assert scores(query, codes, two) == pytest.approx([first, second], abs=1e-6)
    # Beside another article nothing changes.
    both = token_scores(query, near(query, codes, 3), [two] * 3, [1, 2])
    assert both[0] == pytest.approx([first, second], abs=1e-6)
    assert len(both[1]) == 4


def test_a_sentence_without_tokens_is_far_from_everything() -> None:
    query = QueryTokens(np.eye(8, dtype=np.float32)[:1], np.ones(1, np.float32))
    codes = tokens("ab cd ef", [0, 255], [2, 5], [0, 0])
    found = scores(query, codes, passage("ab cd ef", (0, 2), (3, 5), (6, 8)))
    assert found.argmax() == 1
    assert found[2] == pytest.approx(-1, abs=1e-3)
    assert np.isfinite(found).all()


@pytest.mark.parametrize(("count", "words"), [(0, 1), (2, 0)])
def test_where_there_is_nothing_to_compare_the_first_sentence_stands(count: int, words: int) -> None:
    query = QueryTokens(np.ones((words, 8), np.float32), np.ones(words, np.float32))
    codes = tokens("ab cd", [0, 0], [2, 5], [1, 1])[:count]
    first, second = scores(query, codes, passage("ab cd", (0, 2), (3, 5)))
    assert first == second


def test_a_token_belongs_to_the_sentence_of_its_last_character() -> None:
    codes = tokens("0123456789ab", [0] * 5, [3, 5, 6, 9, 12], [1] * 5)
    assert owned(codes, passage("0123456789ab", (4, 6), (7, 9))) == [-1, 0, 0, 1, -1]


def test_a_token_too_far_from_the_end_belongs_to_none() -> None:
    text = "a" * 70_000
    codes = tokens(text, [0, 0], [3, 70_000], [1, 1])
    assert owned(codes, passage(text, (0, 10), (69_000, 70_000))) == [-1, 1]
