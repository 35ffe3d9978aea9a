"""Seconds of `veille index` beside a plain script that embeds exactly the same passages, by processes in turn.

The plain script (`benchmarks.plain_passages --model`) does no more than SentenceTransformer.encode, in the batch size
that is fastest here, and IndexFlatIP; it is given the passages that Veille cut, so cutting costs it nothing. The model
of both has the same weights. Ratios are by the clock and by processor seconds, which other work on the machine
disturbs less.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from benchmarks.indexing import sampled
from benchmarks.spent import Process, Taken, middle, quotient
from indexer.embedded import embedded_text, embedded_title
from indexer.encoders.bundled import BundledEncoder
from indexer.generation import Generation

MAKE = "import sys, pathlib, benchmarks.torch_twin as t; t.torch_twin(pathlib.Path(sys.argv[1]))"
BATCH_SIZES = (8, 16, 32, 64, 128)
SAMPLE = 256
WHOLE, LEAN, PLAIN = "veille index", "veille index --lean", "plain script"
OURS_ALONE, PLAIN_ALONE = "passages alone, bundled encoder", "passages alone, plain script"
# What is divided by what.
RATIOS = ((PLAIN, WHOLE), (PLAIN, LEAN), (PLAIN_ALONE, OURS_ALONE))


def main() -> None:
    """Print a table and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there as well")
    options = parser.parse_args()
    encoder = BundledEncoder.load(quiet=False)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        articles, passages, model = folder / "articles.jsonl", folder / "passages.jsonl", folder / "model"
        lines = sampled(1)
        articles.write_text("".join(evenly(lines, options.articles)), encoding="utf-8")
        subprocess.run([sys.executable, "-c", MAKE, str(model)], check=True, stderr=subprocess.DEVNULL)
        taken: dict[str, list[Process]] = {name: [] for name in (WHOLE, LEAN, PLAIN)}
        alone: dict[str, list[Taken]] = {OURS_ALONE: [], PLAIN_ALONE: []}
        size = count = tokens = 0
        for number in range(options.rounds):
            for kind, flags in ((WHOLE, []), (LEAN, ["--lean"])):
                index = folder / f"{kind}-{number}"
                command = ["-m", "search_api", "index", str(articles), "--index", str(index), "--quiet", *flags]
                taken[kind].append(Process.of(command))
            if not number:
                texts = list(embedded(index, encoder))
                count, tokens = len(texts), sum(encoder.count_tokens(texts))
                written = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
                passages.write_text("".join(written), encoding="utf-8")
                size = fastest(folder, evenly(texts, SAMPLE), model)
            command = ["-m", "benchmarks.plain_passages", str(passages), "--out", str(folder / "vectors.faiss")]
            alone[OURS_ALONE].append(encoding(Process.of(command)))
            taken[PLAIN].append(Process.of([*command, "--model", str(model), "--batch-size", str(size)]))
            alone[PLAIN_ALONE].append(encoding(taken[PLAIN][-1]))
    times = {name: [process.taken for process in runs] for name, runs in taken.items()} | alone
    medians = {name: middle(own) for name, own in times.items()}
    peaks = {name: max(process.peak for process in runs) for name, runs in taken.items()}
    ratios = {f"{slow} / {fast}": quotient(times[slow], times[fast]) for slow, fast in RATIOS}

    print(f"{options.articles} articles, {count} passages, {tokens} tokens; the plain script in batches of {size}")
    print("| | seconds | processor seconds | peak memory |\n| --- | --- | --- | --- |")
    for name, own in medians.items():
        peak = f"{peaks[name]:,.0f} MB" if name in peaks else ""
        print(f"| {name} | {own.clock:,.1f} | {own.processor:,.1f} | {peak} |")
    for name, own in ratios.items():
        print(f"{name}: {own.clock:.2f} by the clock, {own.processor:.2f} by processor seconds")
    if options.json:
        found = {
            "articles": options.articles,
            "passages": count,
            "tokens": tokens,
            "rounds": options.rounds,
            "batch_size": size,
            "seconds": {name: asdict(own) for name, own in medians.items()},
            "peak_mb": peaks,
            "ratios": {name: asdict(own) for name, own in ratios.items()},
        }
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def evenly(lines: list[str], count: int) -> list[str]:
    """Return `count` of them, from first to last."""
    count = min(count, len(lines))
    return [lines[place * len(lines) // count] for place in range(count)]


def embedded(index: Path, encoder: BundledEncoder) -> Iterator[str]:
    """Yield each text once that was embedded for the index."""
    seen = set()
    with closing(Generation.open(index)) as found:
        for row in range(found.vectors.count):
            (passage,) = found.facts.passages([row])
            article = found.facts.article(passage.article_row)
            text = embedded_text(embedded_title(encoder, article.title), article.text[passage.start : passage.end])
            if text not in seen:
                seen.add(text)
                yield text


def fastest(folder: Path, texts: Iterable[str], model: Path) -> int:
    """Return the batch size with which the plain script encodes these texts in the fewest seconds of the processor."""
    sample = folder / "sample.jsonl"
    sample.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
    command = ["-m", "benchmarks.plain_passages", str(sample), "--model", str(model)]
    command += ["--out", str(folder / "sample.faiss")]
    taken = {size: encoding(Process.of([*command, "--batch-size", str(size)])) for size in BATCH_SIZES}
    return min(taken, key=lambda size: taken[size].processor)


def encoding(process: Process) -> Taken:
    """Return what `benchmarks.plain_passages` says that encoding took."""
    return Taken(**json.loads(process.printed))


if __name__ == "__main__":
    main()
