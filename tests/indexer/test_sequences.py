"""However an index came to hold what it holds, it answers as one that was built of it at once."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer import words
from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.removal import remove
from indexer.verification import verify
from search_api import SearchEngine

TEXTS = (
    "Elon Musk menace Microsoft d’une action en justice.",
    "Ruby 3.4 has been released. It brings a new parser.",
    "PHP 8.4 est sorti.\n\nIl apporte des accesseurs de propriétés.",
    "Debian 12.5 schließt Sicherheitslücken in OpenSSL.",
    "谷歌发布了新的人工智能模型。",
    "Musk Musk Musk.",
)
LANGS = ("fr", "en", "fr", "de", "zh", "en")
TITLES = ("", "Menace")
QUESTIONS = ("qui menace Microsoft", "ruby parser", "Debian 12.5", "人工智能", "nothing of the kind")
IDS = ("a", "b", "c", "d")

# What becomes of an article: its text and title, or that it goes, by which of two ways.
versions = st.tuples(st.integers(0, len(TEXTS) - 1), st.sampled_from(TITLES))
steps = st.tuples(st.sampled_from(IDS), versions | st.sampled_from(["prune", "remove"]))
Held = Mapping[str, tuple[int, str]]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the cache that all examples share, so that each text is encoded once."""
    return tmp_path_factory.mktemp("shared") / "cache"


def write(file: Path, held: Held) -> Path:
    records = [
        {"id": own, "text": TEXTS[text], "title": title, "lang": LANGS[text]} for own, (text, title) in held.items()
    ]
    file.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return file


def build_with(cache: Path, source: Path, index: Path, encoder: Encoder, *, prune: bool = False) -> None:
    index.mkdir(exist_ok=True)
    if cache.is_dir():
        shutil.rmtree(index / "cache", ignore_errors=True)
        shutil.copytree(cache, index / "cache")
    build([source], index, encoder=encoder, quiet=True, prune=prune)
    shutil.rmtree(cache, ignore_errors=True)
    shutil.copytree(index / "cache", cache)


def content(index: Path) -> tuple[object, ...]:
    """Return all that decides an answer."""
    with closing(Generation.open(index)) as found:
        rows = np.arange(found.vectors.count)
        passages = [(p.id, p.article_row, p.start, p.end, p.key) for p in found.facts.passages(rows.tolist())]
        assert found.codes is not None
        codes = [part.tobytes() for part in found.codes.of_each(rows)]
        vectors = found.vectors.vectors(rows).tobytes() if len(rows) else b""
        indexed = [(found.directory / name).read_bytes() for name in words.NAMES]
        return found.places.ids, found.places.languages, passages, codes, vectors, indexed, found.manifest.calibration


def answers(index: Path) -> list[object]:
    with SearchEngine.open(index) as engine:
        found = [engine.search(question).to_json()["hits"] for question in QUESTIONS]
    for hit in (hit for hits in found for hit in hits):
        # The same hit of another build.
        del hit["citation"]["build"]
    return found


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.dictionaries(st.sampled_from(IDS), versions, min_size=1), rest=st.lists(steps, max_size=4))
def test_in_steps_or_at_once_gives_the_same_answers(
    cache: Path, encoder: Encoder, first: Held, rest: list[tuple[str, tuple[int, str] | str]]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, steps, once = folder / "all.jsonl", folder / "steps", folder / "once"
        held = dict(first)
        build_with(cache, write(source, held), steps, encoder)
        for own, change in rest:
            if not isinstance(change, str):
                held[own] = change
                build_with(cache, write(folder / "one.jsonl", {own: change}), steps, encoder)
                build_with(cache, write(source, held), steps, encoder)
                (folder / "one.jsonl").unlink()
            elif own in held and len(held) > 1:
                del held[own]
                if change == "remove":
                    remove([own], steps, encoder=encoder, allow_again=True, quiet=True)
                else:
                    # What was once read from this file alone is gone with it.
                    write(folder / "one.jsonl", held)
                    build_with(cache, folder / "one.jsonl", steps, encoder, prune=True)
                    build_with(cache, write(source, held), steps, encoder, prune=True)
                    (folder / "one.jsonl").unlink()
        build_with(cache, write(source, held), once, encoder)
        assert verify(steps)
        assert content(steps) == content(once)
        assert answers(steps) == answers(once)
