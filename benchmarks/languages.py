"""Compare language identifiers on the labelled articles: accuracy, speed, memory, start-up.

Each identifier runs in a process of its own, so that memory and start-up are its own too.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path

from benchmarks.memory import Memory

Identify = Callable[[str], str]
Sample = tuple[str, str]  # language, text

FIRST_SENTENCE = re.compile(r"(.{20,}?)(?:[.!?。！？؟](?=\s|$)|[。！？]|\n|$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one identifier did with all samples of one kind."""

    right: dict[str, int]
    total: dict[str, int]
    confused: dict[str, int]
    milliseconds: float

    @property
    def accuracy(self) -> float:
        """Share of all samples."""
        return sum(self.right.values()) / sum(self.total.values())

    @property
    def macro(self) -> float:
        """Mean of the languages' shares."""
        return sum(self.right[lang] / n for lang, n in self.total.items()) / len(self.total)


def load_lingua(low: bool, only: str = "") -> Identify:
    """Lingua, all languages or only some."""
    lingua = import_module("lingua")
    builder = lingua.LanguageDetectorBuilder.from_all_languages()
    if only:
        codes = [getattr(lingua.IsoCode639_1, code.upper()) for code in only.split()]
        builder = lingua.LanguageDetectorBuilder.from_iso_codes_639_1(*codes)
    detector = (builder.with_low_accuracy_mode() if low else builder).build()

    def identify(text: str) -> str:
        language = detector.detect_language_of(text)
        return language.iso_code_639_1.name.lower() if language else "und"

    return identify


def load_py3langid() -> Identify:
    """py3langid, naive Bayes over byte n-grams."""
    classify = import_module("py3langid").classify
    return lambda text: str(classify(text)[0])


def load_cld3() -> Identify:
    """CLD3, a small neural network."""
    identifier = import_module("gcld3").NNetLanguageIdentifier(min_num_bytes=0, max_num_bytes=4000)
    return lambda text: str(identifier.FindLanguage(text=text).language).split("-")[0].replace("iw", "he")


def load_ours() -> Identify:
    """Return what the project uses."""
    identify: Identify = import_module("corpus.languages").identify
    return identify


NEWS = (
    "ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv nb nl nn "
    "pl pt ro ru sk sl sr sv th tr uk vi zh"
)
IDENTIFIERS: dict[str, Callable[[], Identify]] = {
    "lingua, high accuracy": lambda: load_lingua(low=False),
    "lingua, high, 39 languages": lambda: load_lingua(low=False, only=NEWS),
    "lingua, low accuracy": lambda: load_lingua(low=True),
    "lingua, low, 39 languages": lambda: load_lingua(low=True, only=NEWS),
    "py3langid": load_py3langid,
    "cld3": load_cld3,
    "corpus.languages": load_ours,
}


def samples(folder: Path, each: int) -> dict[str, list[Sample]]:
    """Draw up to `each` articles a language, as full text, first sentence and title."""
    by_language: dict[str, list[dict[str, str]]] = defaultdict(list)
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.open(encoding="utf-8"):
            record = json.loads(line)
            by_language[record["lang"]].append(record)
    kinds: dict[str, list[Sample]] = {"text": [], "sentence": [], "title": []}
    for lang, records in sorted(by_language.items()):
        for record in random.Random(0).sample(records, min(each, len(records))):  # noqa: S311
            text = record["text"]
            first = FIRST_SENTENCE.match(text)
            kinds["text"].append((lang, text[:1000]))
            kinds["sentence"].append((lang, (first[0] if first else text)[:300]))
            kinds["title"].append((lang, record["title"]))
    return kinds


def score(identify: Identify, texts: list[Sample]) -> Outcome:
    """Run over all texts; codes for the same or part of a language count as one."""
    same = {"nb": "no", "nn": "no", "fil": "tl", "yue": "zh", "wuu": "zh"}
    right: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    confused: dict[str, int] = defaultdict(int)
    start = time.perf_counter()
    answers = [identify(text) for _, text in texts]
    seconds = time.perf_counter() - start
    for (lang, _), answer in zip(texts, answers, strict=True):
        found = same.get(answer, answer)
        total[lang] += 1
        right[lang] += found == lang
        if found != lang:
            confused[f"{lang}>{found}"] += 1
    return Outcome(dict(right), dict(total), dict(confused), seconds / len(texts) * 1000)


def measure(name: str, kinds: dict[str, list[Sample]]) -> tuple[float, float, dict[str, Outcome]]:
    """Load one identifier; return seconds to its first answer, MB it added at the end, and the outcomes."""
    before = Memory.of().resident
    start = time.perf_counter()
    identify = IDENTIFIERS[name]()
    identify("Ceci est une phrase.")
    ready = time.perf_counter() - start
    outcomes = {kind: score(identify, texts) for kind, texts in kinds.items()}
    return ready, (Memory.of().resident - before) / 2**20, outcomes


def rows(names: list[str], kinds: dict[str, list[Sample]]) -> Iterator[str]:
    """Yield the table, then each identifier's commonest mistakes."""
    head = [f"{kind} {what}" for kind in kinds for what in ("acc", "macro", "ms")]
    yield "| identifier | start s | MB | " + " | ".join(head) + " |"
    yield "| --- " * (len(head) + 3) + "|"
    mistakes: list[str] = []
    for name in names:
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            ready, memory, outcomes = pool.submit(measure, name, kinds).result()
        cells = [f"{o.accuracy:.3f} | {o.macro:.3f} | {o.milliseconds:.2f}" for o in outcomes.values()]
        yield f"| {name} | {ready:.2f} | {memory:.0f} | " + " | ".join(cells) + " |"
        for kind, outcome in outcomes.items():
            worst = sorted(outcome.confused.items(), key=lambda item: -item[1])[:8]
            mistakes.append(f"- {name}, {kind}: " + ", ".join(f"{pair} {n}" for pair, n in worst))
    yield from ["", *mistakes]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VEILLE_SHARED", "../shared"))
    parser.add_argument("--articles", type=Path, default=shared / "data/technews", help="folder of *.jsonl")
    parser.add_argument("--each", type=int, default=60, help="articles a language, at most")
    parser.add_argument("--only", nargs="+", choices=list(IDENTIFIERS), default=list(IDENTIFIERS))
    arguments = parser.parse_args()
    kinds = samples(arguments.articles, arguments.each)
    print(f"{len(kinds['text'])} articles, {len({lang for lang, _ in kinds['text']})} languages\n")
    for row in rows(arguments.only, kinds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
