"""The bundled encoder: known vectors, batches, prompts, hostile text, its prepared file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from indexer import codes
from indexer.codes import Codes
from indexer.encoder import Encoder, EncoderError, TokenEncoder, fingerprint_of
from indexer.encoders import centres, load_encoder, prepared
from indexer.encoders.bundled import BundledEncoder
from indexer.encoders.parallel import Kind, parallel_tokens, parallel_vectors
from indexer.encoders.precision import Precision
from indexer.encoders.weights import Weights, path
from indexer.neutral import every_question

HOSTILE = [
    "\0",
    "\ufdfa" * 1000,
    "\ud800 alone",
    "مرحبا بالعالم",
    "🚀🔥" * 50,
    "a" * 100_000,
    "",
    " \n\t",
    "e\u0301" * 600,
]
# The first six numbers of a question's vector and of a passage's: a change of model, adapter, pooling, prompt or
# rounding shows here.
KNOWN = {
    "bundled": (
        [0.0105, -0.0004, -0.0643, -0.0505, 0.0513, -0.0558],
        [0.0740, 0.0323, -0.0258, -0.0324, 0.0405, -0.0323],
    ),
    "bundled-plain": (
        [0.0150, 0.0124, -0.0515, -0.0598, 0.0696, -0.0583],
        [0.0911, 0.0104, -0.0301, -0.0512, 0.0764, -0.0084],
    ),
}
KINDS: tuple[Kind, ...] = ("query", "passage")


def test_shape_and_length(encoder: Encoder) -> None:
    vectors = encoder.encode_passages(["un", "two", "三"])
    assert vectors.shape == (3, encoder.spec.dimension) == (3, 384)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts(encoder: Encoder) -> None:
    assert encoder.encode_queries([]).shape == (0, 384)
    assert encoder.count_tokens([]) == []


@pytest.mark.parametrize("model", KNOWN)
def test_known_vectors(model: str) -> None:
    encoder = load_encoder(model)
    assert encoder.spec.model == model
    query = encoder.encode_queries(["qui menace Microsoft"])[0]
    passage = encoder.encode_passages(["埃隆·马斯克威胁起诉微软。"])[0]
    assert query[:6] == pytest.approx(KNOWN[model][0], abs=1e-3)
    assert passage[:6] == pytest.approx(KNOWN[model][1], abs=1e-3)


def test_the_adapter_is_part_of_what_the_encoder_is(encoder: Encoder) -> None:
    plain = load_encoder("bundled-plain").spec
    assert plain.fingerprint != encoder.spec.fingerprint
    assert plain.revision == encoder.spec.revision


def test_prompts_differ(encoder: Encoder) -> None:
    assert encoder.spec.query_prompt == "query: "
    assert not np.allclose(encoder.encode_queries(["Microsoft"]), encoder.encode_passages(["Microsoft"]), atol=1e-3)


def test_a_vector_does_not_depend_on_its_batch(encoder: Encoder) -> None:
    # Three of one length, which are computed together, among others.
    texts = [
        "Musk menace Microsoft.",
        "Une phrase bien plus longue. " * 8,
        "短い文。",
        "Elle est bien plus longue. " * 8,
    ]
    texts += [texts[1], "PHP menace Microsoft."]
    together = encoder.encode_passages(texts)
    assert (encoder.encode_passages(texts[::-1])[::-1] == together).all()
    for text, vector in zip(texts, together, strict=True):
        assert (encoder.encode_passages([text])[0] == vector).all()


@pytest.mark.parametrize("threads", [1, 3])
def test_a_vector_does_not_depend_on_how_many_threads_there_are(encoder: TokenEncoder, threads: int) -> None:
    other = BundledEncoder.load(threads=threads)
    (vectors, own), (others, theirs) = coded(encoder, TEXTS), coded(other, TEXTS)
    assert (vectors == others).all()
    assert all((one == two).all() for one, two in zip(own, theirs, strict=True))


def test_int8_is_near_float32(encoder: Encoder, tmp_path: Path) -> None:
    exact = BundledEncoder.load(precision=Precision.FP32, folder=tmp_path)
    texts = ["Elon Musk threatens to sue Microsoft.", "微软发布新产品。", "Debian 12 est publiée.", "x"]
    assert (encoder.encode_passages(texts) * exact.encode_passages(texts)).sum(axis=1).min() > 0.998
    assert exact.spec.fingerprint != encoder.spec.fingerprint


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_gets_a_vector(encoder: Encoder, text: str) -> None:
    vector = encoder.encode_queries([text])
    assert np.isfinite(vector).all()
    assert encoder.count_tokens([text])[0] >= 0


def test_something_else_than_text_is_refused(encoder: Encoder) -> None:
    with pytest.raises(EncoderError, match="cannot embed a int"):
        encoder.encode_queries([3])  # type: ignore[list-item]


def test_progress_counts_every_text(encoder: Encoder) -> None:
    seen: list[int] = []
    encoder.encode_passages([f"text {n}" for n in range(70)], progress=seen.append)
    assert sum(seen) == 70


def test_fingerprint_is_the_same_in_any_order_and_differs_by_fact() -> None:
    assert fingerprint_of(a=1, b="x") == fingerprint_of(b="x", a=1)
    assert fingerprint_of(a=1) != fingerprint_of(a=2)


def test_a_damaged_prepared_file_is_made_again(tmp_path: Path) -> None:
    weights = Weights(path())
    first = prepared.prepared_graph(weights, Precision.INT8, quiet=True, folder=tmp_path)
    (file,) = tmp_path.glob("*.onnx")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert prepared.prepared_graph(weights, Precision.INT8, quiet=True, folder=tmp_path) == first
    assert [found.read_bytes() for found in tmp_path.iterdir()] == [whole]


def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("not a folder")
    encoder = BundledEncoder.load(folder=tmp_path / "file" / "sub", quiet=False)
    assert encoder.encode_queries(["x"]).shape == (1, 384)
    assert "cannot be kept" in capsys.readouterr().err


def test_the_parallel_questions_are_encoded_once(encoder: Encoder, tmp_path: Path) -> None:
    opened = BundledEncoder.load(folder=tmp_path)
    first = {kind: parallel_vectors(opened, kind) for kind in KINDS}
    assert np.array_equal(first["query"], opened.encode_queries(every_question()))
    assert np.array_equal(first["passage"], opened.encode_passages(every_question()))
    files = sorted(tmp_path.glob("*.vectors"))
    assert len(files) == len(KINDS)
    written = [file.stat().st_mtime_ns for file in files]
    again = {kind: parallel_vectors(BundledEncoder.load(folder=tmp_path), kind) for kind in KINDS}
    assert all(np.array_equal(again[kind], first[kind]) for kind in KINDS)
    assert [file.stat().st_mtime_ns for file in files] == written
    files[0].write_bytes(files[1].read_bytes())
    assert all(np.array_equal(parallel_vectors(opened, kind), first[kind]) for kind in KINDS)


def test_their_tokens_are_read_once(encoder: Encoder, tmp_path: Path) -> None:
    opened = BundledEncoder.load(folder=tmp_path)
    first = parallel_tokens(opened)
    for found, (_, read) in zip(first, opened.read_queries(every_question()), strict=True):
        assert np.array_equal(found.vectors, read.vectors)
        assert np.array_equal(found.weights, read.weights)
    (file,) = tmp_path.glob("*.tokens")
    written = file.stat().st_mtime_ns
    for again in (parallel_tokens(BundledEncoder.load(folder=tmp_path)), parallel_tokens(opened)):
        assert len(again) == len(first)
        assert all(np.array_equal(one.vectors, other.vectors) for one, other in zip(again, first, strict=True))
        assert all(np.array_equal(one.weights, other.weights) for one, other in zip(again, first, strict=True))
    assert file.stat().st_mtime_ns == written


def test_two_processes_may_prepare_at_once(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from indexer.encoders.bundled import BundledEncoder; "
        "print(BundledEncoder.load(folder=Path(sys.argv[1])).encode_queries(['x'])[0, 0])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0]
    assert answers[0] == answers[1] != ""
    assert len(list(tmp_path.iterdir())) == 1


def test_weights_of_another_kind_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(EncoderError, match="wrong magic"):
        Weights(file)
    file.write_bytes(path().read_bytes()[:5000])
    with pytest.raises(EncoderError, match="Reinstall"):
        Weights(file)


TEXTS = [
    "Elon Musk threatens to sue Microsoft. It is about Twitter.",
    "微软发布新产品。价格未知。",
    "",
    "مرحبا بالعالم. إيلون ماسك يهدد مايكروسوفت.",
    "Une phrase bien plus longue que la première, et qui ne dit rien. " * 12,
    "🚀🔥",
]


def coded(encoder: TokenEncoder, texts: list[str]) -> tuple[np.ndarray, list[Codes]]:
    found: dict[int, Codes] = {}
    vectors = encoder.encode_with_codes(texts, lambda place, own: found.update({place: own}))
    assert sorted(found) == list(range(len(texts)))
    return vectors, [found[place] for place in range(len(texts))]


def test_vectors_that_come_with_codes_are_the_same(encoder: TokenEncoder) -> None:
    seen: list[int] = []
    vectors = encoder.encode_with_codes(TEXTS, lambda place, codes: None, seen.append)
    assert (vectors == encoder.encode_passages(TEXTS)).all()
    assert sum(seen) == len(TEXTS)
    assert encoder.encode_with_codes([], lambda place, codes: None).shape == (0, 384)


def test_codes_are_bytes_of_as_many_bits_as_dimensions(encoder: TokenEncoder) -> None:
    found = coded(encoder, TEXTS)[1]
    assert {own.dtype for own in found} == {np.dtype(np.uint8)}
    assert {codes.bits(own).shape[1] for own in found} == {encoder.spec.dimension // 8}
    assert not len(found[TEXTS.index("")])


def test_codes_do_not_depend_on_their_batch(encoder: TokenEncoder) -> None:
    together = coded(encoder, TEXTS)[1]
    for text, own in zip(TEXTS, together, strict=True):
        (alone,) = coded(encoder, [text])[1]
        assert alone.shape == own.shape
        assert (alone == own).all()


def test_tokens_stand_in_order_within_the_text_and_cover_it(encoder: TokenEncoder) -> None:
    for text, own in zip(TEXTS, coded(encoder, TEXTS)[1], strict=True):
        ends = len(text) - codes.behind(own)
        assert (np.diff(ends) >= 0).all()
        assert ((ends > 0) & (ends <= len(text))).all()
        assert not text[int(ends.max(initial=0)) :].strip()
        # No token is longer than a long word.
        assert np.diff(ends, prepend=0).max(initial=0) < 20


def test_a_rare_token_says_more(encoder: TokenEncoder) -> None:
    (own,) = coded(encoder, ["la cybersécurité"])[1]
    weights = codes.weights(own)
    assert 0 < weights[0] < weights[1:].max()


@pytest.mark.parametrize("text", HOSTILE)
def test_tokens_of_hostile_text_stand_within_it(encoder: TokenEncoder, text: str) -> None:
    (own,) = coded(encoder, [text])[1]
    assert len(own) <= encoder.spec.max_tokens
    assert (codes.behind(own) <= len(text)).all()


@pytest.mark.parametrize("text", ["qui menace Microsoft", "谁威胁微软", *HOSTILE])
def test_a_question_is_read_as_it_is_encoded(encoder: TokenEncoder, text: str) -> None:
    ((vector, tokens),) = encoder.read_queries([text])
    assert (vector == encoder.encode_queries([text])[0]).all()
    assert tokens.vectors.shape == (len(tokens.weights), 384)
    assert np.linalg.norm(tokens.vectors, axis=1) == pytest.approx(1, abs=1e-5)
    # What has no token, or one that says nothing, weighs nothing.
    assert tokens.weights.sum() == pytest.approx(1 if tokens.weights.any() else 0, abs=1e-5)
    assert tokens.weights.any() or not text.strip("\0")


def test_the_centres_are_those_that_would_be_measured() -> None:
    measured = centres.measure(BundledEncoder.load(adapter=None))
    assert np.abs(np.array(centres.token_centres()) - measured).max() < 1e-2
