"""veille evaluate: index a benchmark in the ordinary way, ask it, measure."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path

import platformdirs

from indexer.build import build
from indexer.encoders import load_encoder
from indexer.generation import Generation
from search_api.engine import SearchEngine
from search_api.evaluation.benchmark import CORPUS, Benchmark, BenchmarkError, read_benchmark
from search_api.queries import RERANK_TOP
from search_api.reranking import Reranker

if any(find_spec(name) is None for name in ("ir_measures", "matplotlib")):
    raise BenchmarkError("ir-measures or matplotlib is not installed", 'Install them: pip install "veille[evaluate]"')

from search_api.evaluation.measure import Evaluation, evaluate
from search_api.evaluation.sentences import evaluate_sentences


def run(
    folder: Path,
    *,
    index_dir: Path | None = None,
    model: str = "bundled",
    langs: Collection[str] = (),
    every: int = 1,
    lean: bool = False,
    plain: bool = False,
    reranker: str | None = None,
    rerank_top: int = RERANK_TOP,
    quiet: bool = False,
) -> Evaluation:
    """Evaluate on the benchmark in `folder`. `lean`: no codes of tokens; `plain`: cosines alone, languages left in.

    The index goes to `index_dir`, or to a cache folder of its own; embeddings that it holds are reused. `reranker` and
    `rerank_top` are those of SearchEngine.open. Raises BenchmarkError, EncoderError, RerankerError, QueryError or an
    IndexProblem.
    """
    benchmark = read_benchmark(folder, langs=langs, every=every)
    place = index_dir or _cache_folder(folder, langs, model)
    # Before anything is embedded: a name that is wrong should not cost minutes.
    second = None if reranker is None else Reranker.load(reranker)
    encoder = load_encoder(model, quiet=quiet)
    with tempfile.TemporaryDirectory() as scratch:
        source = _written(benchmark, Path(scratch))
        report = build(
            [source],
            place,
            encoder=encoder,
            on_error="skip",
            quiet=quiet,
            fresh=True,
            plain=plain,
            keep_codes=not (lean or plain),
        )
    settings = {
        "model": model,
        "lean": lean,
        "plain": plain,
        "reranker": reranker,
        "rerank_top": None if reranker is None else rerank_top,
        "every": every,
        "languages": sorted(langs),
        "skipped": report.read.skipped,
    }
    with SearchEngine(
        Generation.open(place), encoder, dense_only=plain, reranker=second, rerank_top=rerank_top
    ) as engine:
        sentences = None if plain else evaluate_sentences(engine, benchmark, folder, quiet=quiet)
        return evaluate(engine, benchmark, sentences=sentences, settings=settings, quiet=quiet)


def _written(benchmark: Benchmark, folder: Path) -> Path:
    file = folder / CORPUS
    with file.open("w", encoding="utf-8") as stream:
        stream.writelines(json.dumps(document, ensure_ascii=False) + "\n" for document in benchmark.documents)
    return file


def _cache_folder(folder: Path, langs: Collection[str], model: str) -> Path:
    facts = json.dumps([str(folder.resolve()), sorted(langs), model])
    name = f"{folder.resolve().name}-{hashlib.sha256(facts.encode()).hexdigest()[:8]}"
    return Path(platformdirs.user_cache_dir("veille")) / "evaluations" / name
