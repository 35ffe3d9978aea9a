"""veille evaluate --roles: shares by hand, the command as a user types it, files that hold no pairs."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from indexer.codes import pack
from indexer.encoder import CodeSink, Encoder, QueryTokens
from search_api.evaluation.benchmark import BenchmarkError
from search_api.evaluation.roles import Share, evaluate_roles, read_pairs

PAIR = {"question": "who sued Arm", "sentence": "Nvidia sued Arm.", "twin": "Arm sued Nvidia."}


class Told:
    """An encoder that finds a sentence near its question where it ends in a full stop, and far where it does not."""

    def __init__(self, encoder: Encoder) -> None:
        self.spec = encoder.spec

    def encode_queries(self, texts: list[str]) -> np.ndarray:
        return np.ones((len(texts), 1), np.float32)

    def encode_passages(self, texts: list[str]) -> np.ndarray:
        return np.array([[1.0 if text.endswith(".") else 0.0] for text in texts], np.float32)


def write(file: Path, *pairs: object) -> Path:
    file.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    return file


def test_shares_by_hand(encoder: Encoder) -> None:
    right = {"question": "q", "sentence": "a.", "twin": "b", "lang": "en", "question_lang": "en", "real": True}
    wrong = {"question": "q", "sentence": "a", "twin": "b.", "lang": "en", "question_lang": "fr"}
    even = {"question": "q", "sentence": "a.", "twin": "b.", "lang": "fr", "voice": "passive"}
    scores = evaluate_roles(Told(encoder), [right, wrong, even])  # type: ignore[arg-type]
    # Two that lie equally near are not told apart.
    assert scores.overall == Share(1 / 3, 3)
    assert scores.by_kind["lang"] == {"en": Share(0.5, 2), "fr": Share(0, 1)}
    assert scores.by_kind["abroad"] == {"no": Share(1, 1), "yes": Share(0, 1)}
    assert scores.by_kind["real"] == {"yes": Share(1, 1)}
    assert scores.by_kind["voice"] == {"passive": Share(0, 1)}
    assert scores.by_kind["form"] == {}


class Tokens(Told):
    """One that finds all sentences as near, and the token "b" nearer to a question than the token "a"."""

    def encode_with_codes(self, texts: list[str], codes: CodeSink) -> np.ndarray:
        for place, text in enumerate(texts):
            sign = np.full((1, 8), "b" in text)
            codes(place, pack(sign, np.zeros(1, np.int64), np.ones(1, np.float32)))
        return np.ones((len(texts), 1), np.float32)

    def read_queries(self, texts: list[str]) -> list[tuple[np.ndarray, QueryTokens]]:
        tokens = QueryTokens(np.full((1, 8), 8**-0.5, np.float32), np.ones(1, np.float32))
        turned = replace(tokens, vectors=-tokens.vectors)
        return [
            (np.ones(1, np.float32), replace(tokens, ranking=turned) if "not" in text else tokens) for text in texts
        ]

    def count_tokens(self, texts: list[str]) -> list[int]:
        return [1] * len(texts)


def test_where_vectors_are_alike_tokens_tell_as_a_search_ranks_by_them(encoder: Encoder) -> None:
    pair = {"question": "q", "sentence": "b", "twin": "a", "voice": "active"}
    turned = {"question": "not q", "sentence": "b", "twin": "a", "voice": "passive"}
    told = evaluate_roles(Tokens(encoder), [pair, turned])  # type: ignore[arg-type]
    assert told.by_kind["voice"] == {"active": Share(1, 1), "passive": Share(0, 1)}


def veille(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "search_api", "evaluate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_prints_tables_and_writes_json(tmp_path: Path) -> None:
    file = write(tmp_path / "pairs.jsonl", {**PAIR, "lang": "en", "voice": "active"}, {**PAIR, "lang": "en"})
    done = veille("--roles", str(file), "--json", str(tmp_path / "r.json"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("2 pairs, model bundled: ")
    assert "| language | told right | pairs |" in done.stdout
    assert json.loads((tmp_path / "r.json").read_text())["overall"]["pairs"] == 2


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "give a BENCHMARK or --roles FILE"),
        (("folder", "--roles", "pairs.jsonl"), "one of the two"),
        (("--roles", "nowhere.jsonl"), "it cannot be read"),
        (("--roles", "pairs.jsonl", "--lang", "fr", "--plot", "x.png"), "--lang, --plot: of a benchmark"),
    ],
)
def test_what_cannot_be_evaluated_is_said(arguments: tuple[str, ...], told: str) -> None:
    done = veille(*arguments)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_line_that_is_no_pair_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"pairs\.jsonl:2.*lacks one of question, sentence, twin"):
        read_pairs(write(tmp_path / "pairs.jsonl", PAIR, {"question": "q"}))
    with pytest.raises(BenchmarkError, match="it holds no pair"):
        read_pairs(write(tmp_path / "empty.jsonl"))
