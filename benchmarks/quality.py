"""The full run behind docs/quality.md: every query of both benchmarks, Veille and plain, and exact terms.

Plain are the cosines of the weights as they come, without the adapter.

make quality, or: python -m benchmarks.quality OUT [--every N] [--terms-index DIR]

OUT gets `quality.md`, which is what docs/quality.md shows from its first benchmark on, and for each evaluation its
JSON and its heat map. Most of the time goes into embedding all of technews for the exact terms; `--terms-index` takes
an index of it that is there already.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from benchmarks import exact_terms
from indexer.build import build
from indexer.encoders import BUNDLED_PLAIN, load_encoder
from search_api.evaluation.command import run
from search_api.evaluation.measure import Evaluation
from search_api.evaluation.tables import evaluation_lines, save_heat_map

DATA = Path(os.environ.get("VEILLE_SHARED", "../shared")) / "data"
SETS = {"xquad": ("ar", "de", "en", "es", "ru", "tr", "zh"), "debian_headlines": ()}
# Beside quality.md, as beside docs/quality.md.
PICTURE = "images/quality-{}.png"


def main() -> None:
    """Measure everything, then write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--terms-index", type=Path)
    given = parser.parse_args()
    (given.out / PICTURE).parent.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for name, langs in SETS.items():
        lines += section(given.out, name, langs, given.every)
    lines += ["## Exact terms", "", *exact_terms.lines(given.terms_index or news_index())]
    (given.out / "quality.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def section(out: Path, name: str, langs: tuple[str, ...], every: int) -> Iterator[str]:
    """Yield what docs/quality.md says of a benchmark; write JSON and pictures."""
    folder = DATA / "crosslingual" / name
    found = [
        run(folder, langs=langs, every=every),
        run(folder, langs=langs, every=every, model=BUNDLED_PLAIN, plain=True),
    ]
    yield from (f"## {name}", "", summary(*found), "")
    for evaluation, suffix in zip(found, ("", "-plain"), strict=True):
        save_heat_map(evaluation, out / PICTURE.format(name + suffix))
        (out / f"{name}{suffix}.json").write_text(json.dumps(evaluation.to_json(), indent=1) + "\n", encoding="utf-8")
        arguments = [*(f"--lang {lang}" for lang in langs), *([] if every == 1 else [f"--every {every}"])]
        if suffix:
            arguments += [f"--model {BUNDLED_PLAIN}", "--plain"]
        yield from (f"### `{' '.join(['veille evaluate', name, *arguments])}`", "")
        yield from evaluation_lines(evaluation)
        yield from ("", f"![nDCG@10 by language]({PICTURE.format(name + suffix)})", "")


def summary(ours: Evaluation, plain: Evaluation) -> str:
    """Return both in a sentence."""
    gains = {
        language: row[language]["first_right"] - plain.matrix[language][language]["first_right"]
        for language, row in ours.matrix.items()
        if language in row
    }
    least = min(gains, key=gains.__getitem__)
    return (
        f"mAP {plain.overall['map']:.3f} plain, {ours.overall['map']:.3f} Veille; MRR@10 "
        f"{plain.overall['mrr_at_10']:.3f}, {ours.overall['mrr_at_10']:.3f}; the largest loss (or least gain) of R@1 "
        f"within a language of its own: {gains[least]:+.3f} ({least})."
    )


def news_index() -> Path:
    """Index all of technews in a cache folder, where embeddings of an earlier run are reused."""
    index = Path(platformdirs.user_cache_dir("veille")) / "evaluations" / "technews"
    sources = sorted(exact_terms.DATA.glob("*.jsonl"))
    build(sources, index, encoder=load_encoder(), on_error="skip", fresh=True)
    return index


if __name__ == "__main__":
    main()
