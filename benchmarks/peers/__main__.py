"""The command line: see the package."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from benchmarks import peers
from benchmarks.cold_start import MAKE
from benchmarks.peers.drivers import TEXTS
from benchmarks.peers.machine import machine
from benchmarks.peers.roster import ROOT, ROSTER, Peer
from benchmarks.peers.sources import cut, news
from benchmarks.peers.table import lines
from benchmarks.peers.trial import Trial
from benchmarks.quality import DATA, SETS
from search_api.evaluation.benchmark import read_benchmark

NEWS = "technews"
WEIGHTS = "model.safetensors"
THREADS = "of torch, FAISS and OpenBLAS, which take all cores else; on a busy machine threads wait for one another"


def main() -> None:
    """Measure who is named, and print what is known of them."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.peers",
        description=peers.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", choices=[peer.name for peer in ROSTER], metavar="NAME")
    parser.add_argument("--articles", type=int, default=5000, metavar="N", help="how many of technews are indexed")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="ask every Nth query of the benchmarks")
    parser.add_argument("--threads", type=int, default=0, metavar="N", help=THREADS)
    parser.add_argument("--work", type=Path, default=ROOT / "build/peers", metavar="DIR", help="what is kept")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything as JSON")
    parser.add_argument("--again", action="store_true", help="measure also what was measured before")
    parser.add_argument("--skip", nargs="+", choices=(NEWS, *SETS), default=(), metavar="SET", help="leave out a set")
    given = parser.parse_args()
    work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "model" / WEIGHTS).is_file():
        subprocess.run([sys.executable, "-c", MAKE, str(work / "model")], cwd=ROOT, check=True)
    chosen = [peer for peer in ROSTER if not given.only or peer.name in given.only]
    for peer in tqdm(chosen, unit=" peers", disable=None):
        trial = Trial(peer, work, work / "model", again=given.again, threads=given.threads)
        measure(trial, work, given.articles, given.every, given.threads, given.skip)
    found = collected(chosen, work, {"articles": given.articles, "threads": given.threads})
    if given.json:
        given.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print("\n".join(lines(found)))


def measure(trial: Trial, work: Path, articles: int, every: int, threads: int, skip: Iterable[str]) -> None:
    """Put one peer through everything but the sets in `skip`."""
    if not trial.install():
        return
    if NEWS not in skip:
        of = {"articles": articles, "threads": threads}
        index = trial.index(NEWS, texts_of_news(work, trial.peer, of), of)
        if index:
            trial.ask(NEWS, index, of)
    for name, langs in SETS.items():
        if name not in skip:
            benchmark = read_benchmark(DATA / "crosslingual" / name, langs=langs, every=every)
            trial.evaluate(benchmark, {"every": every, "languages": list(langs)})


def texts_of_news(work: Path, peer: Peer, of: dict[str, int]) -> Path:
    """Return the folder of the news, with the passages that Veille cuts: for others than Veille it is run before."""
    source = work / "sources" / f"{NEWS}-{of['articles']}"
    if not source.is_dir():
        news(source, of["articles"])
    if peer.is_veille or (source / TEXTS).is_file():
        return source
    veille = Trial(
        next(other for other in ROSTER if other.is_veille), work, work / "model", again=False, threads=of["threads"]
    )
    veille.install()
    index = veille.index(NEWS, source, of)
    if index is None:
        raise SystemExit("Veille's own index could not be built: see what it said above")
    cut(index, source)
    return source


def collected(chosen: Iterable[Peer], work: Path, of: dict[str, int]) -> dict[str, Any]:
    """Return what is known of `chosen` with the settings `of`, and the machine it was measured on."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        **of,
        "weights_mb": round((work / "model" / WEIGHTS).stat().st_size / 1e6),
        "benchmarks": list(SETS),
        "peers": [
            {
                "name": peer.name,
                "note": peer.note,
                # What was measured with other settings is none of this table's.
                "steps": {
                    name: step
                    for name, step in Trial(peer, work, work / "model", again=False).record.steps.items()
                    if all(step["of"].get(key, value) == value for key, value in of.items())
                },
            }
            for peer in chosen
        ],
    }


if __name__ == "__main__":
    main()
