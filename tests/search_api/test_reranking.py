"""Reranking with a small real CrossEncoder, trained here to like passages that hold the word "security"."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from indexer.embedded import embedded_text
from indexer.encoder import Encoder, EncoderError
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.app import create_app
from search_api.errors import QueryError, RerankerError
from search_api.evaluation.command import run
from search_api.evaluation.measure import Evaluation
from search_api.late import READ
from search_api.reranking import Reranker
from search_api.results import Hit

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from transformers import BertForSequenceClassification, PreTrainedTokenizerFast

LIKED = "security"
OTHERS = ["release", "debian", "the", "of", "and", "a", "in", "for", "to"]
WINDOW = 256
TOP = 30
QUESTION = "new release of Debian"
SHAPE = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "VEILLE_INDEX"}

Tokenizers = Callable[[Sequence[str], int], "PreTrainedTokenizerFast"]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Let torch take one thread: on matrices this small, more of them wait for each other most of the time."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def tokenizer(word_tokenizer: Tokenizers) -> PreTrainedTokenizerFast:
    return word_tokenizer([LIKED, *OTHERS], WINDOW)


@pytest.fixture(scope="module")
def folder(tokenizer: PreTrainedTokenizerFast, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that CrossEncoder.save_pretrained wrote."""
    from sentence_transformers import CrossEncoder

    place = tmp_path_factory.mktemp("reranker")
    model = _classifier(tokenizer, labels=1)
    _train(model, tokenizer)
    CrossEncoder(str(_written(model, tokenizer, place / "plain")), device="cpu").save_pretrained(str(place / "saved"))
    return place / "saved"


@pytest.fixture(scope="module")
def reranker(folder: Path) -> Reranker:
    return Reranker.load(str(folder), device="cpu")


@pytest.fixture(scope="module")
def judge(folder: Path) -> CrossEncoder:
    """Return the same model as the library has it."""
    from sentence_transformers import CrossEncoder

    return CrossEncoder(str(folder), device="cpu")


@pytest.fixture(scope="module")
def opened(sample_index: Path, encoder: Encoder, reranker: Reranker) -> Iterator[Callable[[int], SearchEngine]]:
    """Return what opens the sample index with the reranker over so many articles."""
    engines: list[SearchEngine] = []

    def with_top(top: int) -> SearchEngine:
        engines.append(SearchEngine(Generation.open(sample_index), encoder, reranker=reranker, rerank_top=top))
        return engines[-1]

    yield with_top
    for engine in engines:
        engine.close()


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    """Return a benchmark of one question, whose answer is not what the reranker likes."""
    place = tmp_path / "tiny"
    place.mkdir()
    texts = {"liked": "A recipe for security.", "right": "The release of Debian 9."}
    documents = [{"_id": name, "lang": "en", "text": text} for name, text in texts.items()]
    (place / "corpus.jsonl").write_text("".join(json.dumps(document) + "\n" for document in documents))
    (place / "queries.jsonl").write_text(json.dumps({"_id": "q", "lang": "en", "text": "release of Debian"}) + "\n")
    (place / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\tright\t1\n")
    return place


def _classifier(tokenizer: PreTrainedTokenizerFast, labels: int) -> BertForSequenceClassification:
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(tokenizer),
        max_position_embeddings=WINDOW,
        num_labels=labels,
        hidden_dropout_prob=0,
        attention_probs_dropout_prob=0,
        **SHAPE,
    )
    return BertForSequenceClassification(config)


def _train(model: BertForSequenceClassification, tokenizer: PreTrainedTokenizerFast) -> None:
    """Sixty steps on passages of random words, every second with the word that is to be liked."""
    import torch

    chance = np.random.default_rng(7)
    wanted = torch.tensor([0.0, 1.0] * 8)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(60):
        passages = [chance.choice([*OTHERS, "?"], chance.integers(3, 40)).tolist() for _ in wanted]
        for words in passages[1::2]:
            words[chance.integers(len(words))] = LIKED
        texts = [" ".join(words) for words in passages]
        batch = tokenizer(["? debian ?"] * len(texts), texts, padding=True, return_tensors="pt")
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**batch).logits[:, 0], wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.05


def _written(model: Any, tokenizer: PreTrainedTokenizerFast, folder: Path) -> Path:
    tokenizer.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


def _likes(text: str) -> bool:
    return LIKED in re.findall(r"\w+", text.lower())


def _judged(judge: CrossEncoder, engine: SearchEngine, hits: Sequence[Hit]) -> dict[str, float]:
    """Return what the library's own predict makes of each article's first passages."""
    return {
        hit.article_id: max(
            float(score)
            for score in judge.predict(
                [
                    (QUESTION, embedded_text(engine.article(hit.article_id).title, passage.text))
                    for passage in hit.passages
                ]
            )
        )
        for hit in hits
    }


def test_scores_are_those_of_predict(reranker: Reranker, judge: CrossEncoder) -> None:
    texts = ["Debian security", "the release of Debian", "Debian security", "", "security " * 500]
    scores = reranker.scores(QUESTION, texts)
    assert (scores.shape, scores.dtype) == ((5,), np.float64)
    assert scores == pytest.approx(judge.predict([(QUESTION, text) for text in texts]), rel=1e-5)
    assert scores[0] == scores[2]
    assert scores[0] - scores[1] > 0.9
    assert reranker.scores(QUESTION, []).shape == (0,)


def test_texts_that_are_hard_to_read(reranker: Reranker) -> None:
    assert np.isfinite(reranker.scores("\ud800", ["\udfff security", "\0", "e\u0301" * 900])).all()
    with pytest.raises(EncoderError):
        reranker.scores(QUESTION, [7])  # type: ignore[list-item]


def test_the_order_is_the_models(
    engine: SearchEngine, opened: Callable[[int], SearchEngine], judge: CrossEncoder
) -> None:
    before = engine.search(QUESTION, TOP, passages_per_article=READ).hits
    expected = _judged(judge, engine, before)
    found = opened(TOP).search(QUESTION, 10).hits
    assert [hit.article_id for hit in found] != [hit.article_id for hit in before[:10]]
    scores = [hit.score for hit in found]
    assert scores == sorted(scores, reverse=True)
    assert scores == pytest.approx([expected[hit.article_id] for hit in found], rel=1e-5)
    assert scores == pytest.approx(sorted(expected.values(), reverse=True)[:10], rel=1e-5)
    for hit in found:
        assert hit.score == hit.passages[0].score == max(passage.score for passage in hit.passages)


def test_what_the_model_likes_comes_first(engine: SearchEngine, opened: Callable[[int], SearchEngine]) -> None:
    def liked(hits: Sequence[Hit]) -> list[bool]:
        return [any(_likes(f"{hit.title} {passage.text}") for passage in hit.passages) for hit in hits]

    before, after = (found.search(QUESTION, TOP, group=False).hits for found in (engine, opened(TOP)))
    assert 2 < sum(liked(before)) < TOP
    assert liked(before) != sorted(liked(before), reverse=True)
    assert liked(after) == sorted(liked(before), reverse=True)


def test_how_many_passages_are_shown_does_not_change_the_order(opened: Callable[[int], SearchEngine]) -> None:
    engine = opened(TOP)
    shown = {count: engine.search(QUESTION, 10, passages_per_article=count).hits for count in (1, 2, READ)}
    for count, hits in shown.items():
        assert max(len(hit.passages) for hit in hits) == count
        assert [(hit.article_id, hit.passages[0]) for hit in hits] == [
            (hit.article_id, hit.passages[0]) for hit in shown[READ]
        ]


def test_rank_has_the_order_of_search_and_what_lies_deeper_keeps_its_own(
    engine: SearchEngine, opened: Callable[[int], SearchEngine]
) -> None:
    reranked = opened(5)
    (before,) = engine.rank([QUESTION], 50)
    ((*after,), (*few,)) = next(reranked.rank([QUESTION], 50)), next(reranked.rank([QUESTION], 3))
    assert len(after) == 50
    assert after[:3] == few == [(hit.article_id, hit.score) for hit in reranked.search(QUESTION, 3, group=False)]
    assert {found for found, _ in after[:5]} == {found for found, _ in before[:5]}
    assert after[5:] == before[5:]


def test_all_hits_are_read_where_more_are_wanted_than_the_top(
    engine: SearchEngine, opened: Callable[[int], SearchEngine], judge: CrossEncoder
) -> None:
    before = engine.search(QUESTION, 20).hits
    after = opened(5).search(QUESTION, 20).hits
    expected = _judged(judge, engine, before)
    assert [hit.score for hit in after] == pytest.approx(sorted(expected.values(), reverse=True), rel=1e-5)


def test_filters_hold_and_similar_is_as_before(engine: SearchEngine, opened: Callable[[int], SearchEngine]) -> None:
    reranked = opened(TOP)
    filters = {"lang": ["fr", "en"], "since": "2012-01-01", "until": "2014-12-31"}
    hits = reranked.search(QUESTION, 20, **filters).hits  # type: ignore[arg-type]
    assert len(hits) == 20
    assert {hit.lang for hit in hits} == {"fr", "en"}
    assert all("2012" <= str(hit.published) < "2015" for hit in hits)
    first = hits[0].article_id
    assert reranked.similar(first, 5).hits == engine.similar(first, 5).hits
    assert len(reranked.search(QUESTION, lang="sw")) == 0


def test_threads_may_share_it(opened: Callable[[int], SearchEngine]) -> None:
    engine = opened(5)
    expected = engine.search(QUESTION, 5).hits
    with ThreadPoolExecutor(8) as pool:
        assert all(found.hits == expected for found in pool.map(lambda _: engine.search(QUESTION, 5), range(16)))


def test_a_plain_transformers_folder(folder: Path, reranker: Reranker) -> None:
    plain = Reranker.load(str(folder.parent / "plain"), device="cpu")
    assert plain.scores(QUESTION, ["security", "debian"]) == pytest.approx(
        reranker.scores(QUESTION, ["security", "debian"])
    )


def test_an_encoder_is_no_reranker(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel

    config = BertConfig(vocab_size=len(tokenizer), max_position_embeddings=WINDOW, **SHAPE)
    plain = _written(BertModel(config, add_pooling_layer=False), tokenizer, tmp_path / "bert")
    parts = [Transformer(str(plain)), Pooling(SHAPE["hidden_size"])]
    SentenceTransformer(modules=parts, device="cpu").save(str(tmp_path / "encoder"))
    for folder in (plain, tmp_path / "encoder"):
        with pytest.raises(RerankerError, match="not a CrossEncoder.*BertModel.*--model"):
            Reranker.load(str(folder))


def test_a_model_with_several_labels(tokenizer: PreTrainedTokenizerFast, tmp_path: Path) -> None:
    _written(_classifier(tokenizer, labels=3), tokenizer, tmp_path / "three")
    with pytest.raises(RerankerError, match="gives 3 scores"):
        Reranker.load(str(tmp_path / "three"))


def test_a_torn_model(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(RerankerError, match="cannot be loaded"):
        Reranker.load(str(broken))


def test_names_that_cannot_be_had(
    tmp_path: Path, sample_index: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    (tmp_path / "empty").mkdir()
    for name, message in [
        (str(tmp_path / "empty"), "holds no config.json"),
        (str(folder / "config.json"), "is not a CrossEncoder"),
        ("nobody/no-such-reranker-at-all", "without access to the hub"),
        ("a" * 300, "cannot be loaded"),
        (" ", "no reranker is named"),
    ]:
        with pytest.raises(RerankerError, match=message):
            SearchEngine.open(sample_index, reranker=name)


@pytest.mark.parametrize("top", [0, 1001, "5"])
def test_a_top_out_of_range(sample_index: Path, top: object) -> None:
    with pytest.raises(QueryError, match="rerank_top is"):
        SearchEngine.open(sample_index, rerank_top=top)  # type: ignore[arg-type]


def test_http_answers_with_it_and_says_when_it_fails(
    sample_index: Path, encoder: Encoder, folder: Path, opened: Callable[[int], SearchEngine], tmp_path: Path
) -> None:
    from sentence_transformers import CrossEncoder

    engine = opened(TOP)
    with TestClient(create_app(engine)) as client:
        hits = client.get("/search", params={"q": QUESTION, "k": 5}).json()["hits"]
    assert [hit["score"] for hit in hits] == [hit.score for hit in engine.search(QUESTION, 5)]
    model = CrossEncoder(str(folder), device="cpu")
    model.model.classifier.bias.data.fill_(float("nan"))
    with (
        SearchEngine(Generation.open(sample_index), encoder, reranker=Reranker(model, str(tmp_path))) as broken,
        TestClient(create_app(broken)) as client,
    ):
        answer = client.get("/search", params={"q": QUESTION})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:veille:problem:reranker-unavailable")


def _veille(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search_api", *map(str, arguments)]
    environment = ENVIRONMENT | {"HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_the_command_line(
    sample_index: Path, folder: Path, opened: Callable[[int], SearchEngine], benchmark: Path
) -> None:
    line = ("search", QUESTION, "--index", sample_index, "-k", "5", "--rerank-top", str(TOP), "--json", "--reranker")
    answer = _veille(*line, folder)
    assert (answer.returncode, answer.stderr) == (0, "")
    hits = json.loads(answer.stdout)["hits"]
    expected = opened(TOP).search(QUESTION, 5).hits
    assert [hit["article_id"] for hit in hits] == [hit.article_id for hit in expected]
    assert [hit["score"] for hit in hits] == pytest.approx([hit.score for hit in expected], rel=1e-5)
    for arguments, message in [
        ((*line, "no/where"), "the reranker 'no/where' cannot be loaded"),
        ((*line, folder, "--rerank-top", "0"), "--rerank-top"),
        (("serve", "--index", sample_index, "--port", "0", "--reranker", folder.parent), "holds no config.json"),
        (("evaluate", benchmark, "--reranker", folder.parent), "holds no config.json"),
    ]:
        wrong = _veille(*arguments)
        assert wrong.returncode == 2
        assert message in wrong.stderr
        assert "Traceback" not in wrong.stderr


def test_evaluations_rerank_and_say_with_what(benchmark: Path, folder: Path, tmp_path: Path) -> None:
    def evaluated(reranker: Path | None = None, top: int = TOP) -> Evaluation:
        name = None if reranker is None else str(reranker)
        return run(benchmark, index_dir=tmp_path / "i", reranker=name, rerank_top=top, quiet=True)

    plain, both, first = evaluated(), evaluated(folder), evaluated(folder, top=1)
    assert [found.overall["first_right"] for found in (plain, both, first)] == [1, 0, 1]
    assert [found.settings["reranker"] for found in (plain, both, first)] == [None, str(folder), str(folder)]
    assert [found.settings["rerank_top"] for found in (plain, both, first)] == [None, TOP, 1]
