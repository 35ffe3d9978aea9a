"""The small CrossEncoder in a folder, as the library and as Veille have it, and over the sample index."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from indexer.encoder import Encoder
from indexer.generation import Generation
from search_api import SearchEngine
from search_api.reranking import Reranker
from tests.search_api.reranking.cross_encoder import LIKED, OTHERS, WINDOW, Tokenizers, classifier, train, written

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder
    from transformers import PreTrainedTokenizerFast


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
    model = classifier(tokenizer, labels=1)
    train(model, tokenizer)
    CrossEncoder(str(written(model, tokenizer, place / "plain")), device="cpu").save_pretrained(str(place / "saved"))
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
