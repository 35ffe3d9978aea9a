"""Plant edited copies among articles and say how many are grouped with their originals. Nothing is embedded."""

from __future__ import annotations

import argparse
import dataclasses
import os
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus import readers
from corpus.article import Article
from corpus.copies import centres

Edit = Callable[[random.Random, str, Article], str]
WITHOUT_SPACES = ("ja", "ko", "th", "zh")


def units(text: str) -> list[str]:
    """Return words, or characters where nothing stands between words."""
    words = text.split(" ")
    return words if len(words) > len(text) / 20 else list(text)


def joined(parts: Sequence[str]) -> str:
    """Put units together again."""
    return ("" if all(len(part) == 1 for part in parts) else " ").join(parts)


def replaced(share: float) -> Edit:
    """Return what puts units of another article in place of `share` of those of a text."""

    def edit(chance: random.Random, text: str, other: Article) -> str:
        parts, foreign = units(text), units(other.text)
        return joined([chance.choice(foreign) if chance.random() < share else part for part in parts])

    return edit


def dropped(chance: random.Random, text: str, _: Article) -> str:
    """Leave out a fifth of the text at a random place."""
    parts = units(text)
    size = len(parts) // 5
    start = chance.randrange(len(parts) - size + 1)
    return joined(parts[:start] + parts[start + size :])


def added(chance: random.Random, text: str, other: Article) -> str:
    """Put a fifth of foreign text into the middle."""
    parts, foreign = units(text), units(other.text)
    start = chance.randrange(len(parts))
    return joined(parts[:start] + foreign[: max(len(parts) // 5, 1)] + parts[start:])


def framed(_: random.Random, text: str, __: Article) -> str:
    """Put an outlet's own lines around it."""
    return f"From our own correspondent.\n\n{text}\n\nRead also: more of today's news. Subscribe to our newsletter."


def cut(share: float) -> Edit:
    """Return what keeps the beginning alone."""

    def edit(_: random.Random, text: str, __: Article) -> str:
        parts = units(text)
        return joined(parts[: max(int(len(parts) * share), 1)])

    return edit


EDITS: dict[str, Edit] = {
    "as it is": lambda _, text, __: text,
    "1 of 20 words replaced": replaced(0.05),
    "1 of 10 words replaced": replaced(0.1),
    "1 of 5 words replaced": replaced(0.2),
    "a fifth dropped": dropped,
    "a fifth added": added,
    "an outlet's lines around it": framed,
    "the first half": cut(0.5),
    "the first fifth": cut(0.2),
}


def main() -> None:
    """Read articles, plant a copy of each kind for some, group all, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VEILLE_SHARED", "../shared"))
    parser.add_argument("articles", type=Path, nargs="*", default=[shared / "data/technews"], help="files or folders")
    parser.add_argument("--originals", type=int, default=300, metavar="N", help="articles that each edit is made of")
    arguments = parser.parse_args()
    articles = [article for source in arguments.articles for article in readers.read(source)]
    before = centres(len(articles), articles.__getitem__)
    alone = [place for place in range(len(articles)) if (before == before[place]).sum() == 1]
    chance = random.Random(7)  # noqa: S311
    planted: list[tuple[str, int]] = []
    everything = list(articles)
    for name, edit in EDITS.items():
        for place in chance.sample(alone, arguments.originals):
            own, other = articles[place], chance.choice(articles)
            text = edit(chance, own.text, other)
            everything.append(dataclasses.replace(own, id=f"planted-{len(planted)}", title="Another title", text=text))
            planted.append((name, place))
    started = time.perf_counter()
    found = centres(len(everything), everything.__getitem__)
    seconds = time.perf_counter() - started
    made_of = [*range(len(articles)), *(place for _, place in planted)]
    with_original = [found[len(articles) + number] == found[place] for number, (_, place) in enumerate(planted)]
    wrong = sum(before[made_of[centre]] != before[made_of[place]] for place, centre in enumerate(found))
    print(f"{len(everything):,} articles, {len(planted):,} of them planted, grouped in {seconds:.1f} s\n")
    print("| edit | with spaces | without spaces |\n| --- | --- | --- |")
    for name in EDITS:
        shares = []
        for spaced in (True, False):
            own = [
                hit
                for hit, (edit_name, place) in zip(with_original, planted, strict=True)
                if edit_name == name and (articles[place].lang not in WITHOUT_SPACES) == spaced
            ]
            shares.append(f"{sum(own) / len(own):.3f} of {len(own)}" if own else "none")
        print(f"| {name} | {shares[0]} | {shares[1]} |")
    print(f"\n{wrong} of {int((found != range(len(found))).sum()):,} grouped articles are in a group of something else")


if __name__ == "__main__":
    main()
