"""Say what a build would leave out of articles as boilerplate, by source. Reads only: nothing is embedded."""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from corpus import readers
from corpus.article import Article
from corpus.boilerplate import Census, Outlet, key_of
from corpus.paragraphs import Paragraph


def table(articles: Sequence[Article], found: Sequence[Sequence[Paragraph]]) -> None:
    """Print a row a source."""
    print("| source | articles | with boilerplate | languages | paragraphs | share of the text |")
    print("| --- | --- | --- | --- | --- | --- |")
    for source in sorted({article.source for article in articles}):
        pairs = [(one, left) for one, left in zip(articles, found, strict=True) if one.source == source]
        keys = {key_of((one.source, one.lang), paragraph) for one, left in pairs for paragraph in left}
        languages = {one.lang for one, left in pairs if left}
        share = sum(p.end - p.start for _, left in pairs for p in left) / sum(len(one.text) for one, _ in pairs)
        held = sum(bool(left) for _, left in pairs)
        print(f"| {source} | {len(pairs):,} | {held:,} | {len(languages)} | {len(keys):,} | {share:.2%} |")


def paragraphs(articles: Sequence[Article], found: Sequence[Sequence[Paragraph]], top: int) -> None:
    """Print the first paragraphs of each source and language, those of most articles first."""
    counts: dict[Outlet, Counter[int]] = defaultdict(Counter)
    shown: dict[int, str] = {}
    for article, left in zip(articles, found, strict=True):
        outlet = article.source, article.lang
        texts = {key_of(outlet, p): article.text[p.start : p.end] for p in left}
        counts[outlet].update(texts.keys())
        shown |= texts
    for (source, lang), counter in sorted(counts.items()):
        if counter:
            print(f"\n{source}, {lang}")
        for key, count in counter.most_common(top):
            print(f"{count:6} {shown[key][:100]}")


def main() -> None:
    """Read the articles, then print what recurs."""
    parser = argparse.ArgumentParser(description=__doc__)
    shared = Path(os.environ.get("VEILLE_SHARED", "../shared"))
    parser.add_argument("articles", type=Path, nargs="*", default=[shared / "data/technews"], help="files or folders")
    parser.add_argument("--top", type=int, default=0, metavar="N", help="list N paragraphs a source and language")
    arguments = parser.parse_args()
    articles = [article for source in arguments.articles for article in readers.read(source)]
    started = time.perf_counter()
    census = Census()
    for article in articles:
        census.add(article)
    boilerplate = census.boilerplate()
    counted = time.perf_counter()
    found = [boilerplate.within(article) for article in articles]
    table(articles, found)
    if arguments.top:
        paragraphs(articles, found, arguments.top)
    seconds = f"{counted - started:.1f} s to count, {time.perf_counter() - counted:.1f} s to find"
    print(f"\n{len(articles):,} articles: {seconds}")


if __name__ == "__main__":
    main()
