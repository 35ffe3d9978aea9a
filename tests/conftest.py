"""What many tests need: the real encoder, an index over the sample corpus, the shared data where it is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from corpus import sample
from indexer.build import build
from indexer.encoder import Encoder
from indexer.encoders import load_encoder
from search_api import SearchEngine

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

SHARED = Path(os.environ.get("VEILLE_SHARED", "../shared"))
NEEDS_SHARED = "needs VEILLE_SHARED"
# Seconds. On processors whose products are slow the sample takes five minutes.
PATIENCE = 900


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """Return the bundled encoder."""
    return load_encoder()


@pytest.fixture(scope="session")
def sample_index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index over the sample corpus. Not to be written to.

    Where several processes test it is theirs together: one builds it, and the others wait.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "sample-index"
    build([sample.path()], folder, encoder=encoder, quiet=True, wait=PATIENCE)
    return folder


@pytest.fixture(scope="session")
def engine(sample_index: Path, encoder: Encoder) -> Iterator[SearchEngine]:
    """Return an engine over the sample index."""
    with SearchEngine.open(sample_index) as opened:
        yield opened


@pytest.fixture(scope="session")
def small_index(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an index over five articles, in two generations. Not to be written to."""
    folder = tmp_path_factory.mktemp("small")
    lines = sample.path().read_text(encoding="utf-8").splitlines()[:5]
    for number, some in enumerate((lines[:3], lines[3:])):
        (folder / f"{number}.jsonl").write_text("\n".join(some), encoding="utf-8")
        build([folder / f"{number}.jsonl"], folder / "index", encoder=encoder, quiet=True)
    return folder / "index"


@pytest.fixture
def own_index(small_index: Path, tmp_path: Path) -> Path:
    """Return a copy of the small index: what is new to it is all that a build embeds."""
    return Path(shutil.copytree(small_index, tmp_path / "index"))


@pytest.fixture(scope="session")
def word_tokenizer() -> Callable[[Sequence[str], int], PreTrainedTokenizerFast]:
    """Return what makes the tokenizer of a small model from its words and its window: a token a word, in small letters.

    [PAD], [UNK], [CLS] and [SEP] are 0 to 3, the words follow.
    """
    from transformers import PreTrainedTokenizerFast

    names = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}

    def made(words: Sequence[str], window: int) -> PreTrainedTokenizerFast:
        vocabulary = {word: number for number, word in enumerate([*names.values(), *words])}
        tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.Lowercase()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]",
            pair="[CLS] $A [SEP] $B:1 [SEP]:1",
            special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
        )
        return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=window, **names)

    return made


@pytest.fixture(scope="session")
def small_model(
    word_tokenizer: Callable[[Sequence[str], int], PreTrainedTokenizerFast],
) -> Callable[[Path, Sequence[str], Mapping[str, str]], Path]:
    """Return what saves a sentence-transformers model with random weights: two layers, 32 dimensions, 64 tokens.

    It takes a folder, the words that the model knows and its prompts, and returns where the model is.
    """

    def made(folder: Path, words: Sequence[str], prompts: Mapping[str, str]) -> Path:
        import torch
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
        from transformers import BertConfig, BertModel

        torch.manual_seed(7)
        tokenizer = word_tokenizer(words, 64)
        tokenizer.save_pretrained(folder / "bert")
        config = BertConfig(
            vocab_size=len(tokenizer),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=64,
        )
        BertModel(config, add_pooling_layer=False).save_pretrained(folder / "bert")
        parts = [Transformer(str(folder / "bert"), max_seq_length=64), Pooling(32)]
        model = SentenceTransformer(modules=parts, device="cpu", prompts=dict(prompts) or None)
        model.save(str(folder / "saved"))
        return folder / "saved"

    return made


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of the shared data, or skip."""
    if not (SHARED / "data").is_dir():
        pytest.skip(NEEDS_SHARED)
    return SHARED / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the gate first: it takes longest, and `make test` has a second process for all the others meanwhile."""
    items.sort(key=lambda item: "quality" not in item.path.parts)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines what was skipped for want of the shared data."""
    skipped = [r for r in terminalreporter.getreports("skipped") if NEEDS_SHARED in str(r.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} tests skipped because the shared data is absent:")
        for report in skipped:
            terminalreporter.write_line(f"  {report.nodeid}")
