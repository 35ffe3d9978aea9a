"""Anything as a question, as `current`, as a manifest: an answer or an error of ours, nothing else."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from corpus.errors import VeilleError
from indexer import generation, naming
from indexer.encoder import Encoder
from indexer.errors import IndexProblem
from indexer.generation import Generation
from indexer.manifest import Manifest
from search_api import SearchEngine
from tests.faults.conftest import Story

FEW = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def engine(story: Story, encoder: Encoder) -> SearchEngine:
    return SearchEngine(Generation.open(story.base), encoder)


@pytest.fixture(scope="module")
def own(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(story.base, tmp_path_factory.mktemp("fuzz") / "index"))


@FEW
@given(
    st.text(max_size=200) | st.text(alphabet="\ufdfa\u200b\u0301\x00 \ud800🙂" + "aé中", max_size=2000),
    st.integers(-3, 1100),
    st.text(max_size=8) | st.lists(st.text(max_size=5), max_size=3),
    st.none() | st.text(max_size=12) | st.dates(),
)
@example("\ufdfa" * 1000, 10, "", None)
@example("a" * 5000, 1, "fr", "2024-01-01")
def test_questions(engine: SearchEngine, query: str, k: int, lang: str | list[str], since: object) -> None:
    with contextlib.suppress(VeilleError):
        results = engine.search(query, k, lang=lang, since=since)  # type: ignore[arg-type]
        assert len(results) <= k
        json.dumps(results.to_json(), allow_nan=False).encode()


@FEW
@given(st.binary(max_size=80) | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace")))
@example(b"20261123T201500Z-3f9a\n")
@example(b"../generations\n")
@example(b"/etc\n")
def test_current(own: Path, content: bytes) -> None:
    file = own / naming.CURRENT
    before = file.read_bytes()
    file.write_bytes(content)
    try:
        if content != before:
            with pytest.raises(IndexProblem, match="current"):
                Generation.open(own)
    finally:
        file.write_bytes(before)


@FEW
@given(st.data())
def test_manifests(own: Path, data: st.DataObject) -> None:
    """A field of any value, at any depth, under a sum that is right: it is refused, or it says the same as before."""
    folder = own / naming.FOLDER / generation.current_name(own)
    file = folder / "manifest.json"
    before = file.read_bytes()
    described = Manifest.read(folder)
    fields = json.loads(before)
    holder, depth = fields, data.draw(st.integers(0, 2))
    for _ in range(depth + 1):
        key = data.draw(st.sampled_from(sorted(holder)))
        if depth and isinstance(holder[key], dict) and holder[key]:
            holder = holder[key]
            continue
        holder[key] = data.draw(JSON)
        break
    try:
        file.write_bytes(Manifest.sealed(fields))
        try:
            Generation.open(own).close()
        except IndexProblem as error:
            assert str(folder) in str(error)  # noqa: PT017
        else:
            assert Manifest.read(folder).files == described.files
    finally:
        file.write_bytes(before)


@FEW
@given(st.binary(max_size=300))
def test_manifests_of_bytes(own: Path, content: bytes) -> None:
    folder = own / naming.FOLDER / generation.current_name(own)
    file = folder / "manifest.json"
    before = file.read_bytes()
    file.write_bytes(content)
    try:
        with pytest.raises(IndexProblem, match="manifest"):
            Generation.open(own)
    finally:
        file.write_bytes(before)
