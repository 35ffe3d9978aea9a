"""How many translations are found, and how many of what is taken for some is none.

python -m benchmarks.translations --index DIR      DIR made from technews by `veille index`

A pair of articles in different languages is right where both have the same `parallel_id`. Precision: the right ones
among all pairs that share a group; recall: those that share a group among all right ones. Weights were chosen on one
half of the stories, so figures are of the other. The half is also asked as other newsrooms would hold it: few
stories in more than one language, few articles, no dates. `--fit` prints weights, `--false N` N pairs that
count as wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.article import Article
from indexer import translations
from indexer.encoders import load_encoder
from indexer.generation import Generation
from indexer.groups import described
from indexer.neutral import every_question, parallel_questions
from indexer.translations import Articles, Yardstick

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Scenario:
    """How a half is thinned: the share of stories that keep two languages (None: all keep all), articles, draws."""

    name: str
    translated: float | None
    articles: int | None
    draws: int


SCENARIOS = (
    Scenario("all", None, None, 1),
    Scenario("3 of 10 stories in two languages, the others in one", 0.3, None, 2),
    Scenario("1 of 20 stories in two languages", 0.05, None, 4),
    Scenario("3 of 10, 300 articles", 0.3, 300, 15),
    Scenario("3 of 10, 60 articles", 0.3, 60, 30),
)


class News:
    """technews as it lies in an index."""

    def __init__(self, generation: Generation, yardstick: Yardstick) -> None:
        """Read everything."""
        self.yardstick = yardstick
        self._facts, self._owners = generation.facts, generation.places.article
        self.built = generation.groups.stories
        self._vectors = generation.vectors.vectors(np.arange(generation.vectors.count))
        self.articles = list(self._facts.articles(range(generation.manifest.articles)).values())
        self.stories = np.array([str(a.metadata.get("parallel_id") or a.id) for a in self.articles])
        digests = [hashlib.sha256(story.encode()).digest()[0] & 1 for story in self.stories.tolist()]
        self.half = np.array(digests)

    def drawn(self, half: int, scenario: Scenario, draw: int) -> Rows:
        """Return the rows of some articles."""
        rows = np.flatnonzero(self.half == half)
        if scenario.translated is None:
            return rows
        chance = random.Random(draw)  # noqa: S311  # the same articles each time
        by_story = defaultdict(list)
        for row in rows.tolist():
            by_story[self.stories[row]].append(row)
        found: list[int] = []
        for story in chance.sample(sorted(by_story), len(by_story)):
            own = by_story[story]
            two = len(own) > 1 and chance.random() < scenario.translated
            found += chance.sample(own, 2 if two else 1)
            if scenario.articles and len(found) >= scenario.articles:
                break
        return np.array(sorted(found))

    def described(self, rows: Rows, *, dated: bool = True) -> Articles:
        """Return what translations of these rows are told by."""
        found = described(self._facts, rows, self._owners, self._vectors)
        return found if dated else replace(found, days=np.full(len(rows), -1))

    def right(self, rows: Rows) -> int:
        """Count the pairs that are translations."""
        return sum(count * (count - 1) // 2 for count in Counter(self.stories[rows].tolist()).values())


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--false", type=int, default=0, metavar="N")
    options = parser.parse_args()
    measured = Yardstick.of(load_encoder("bundled").encode_passages(every_question()), len(parallel_questions()))
    with closing(Generation.open(options.index)) as generation:
        news = News(generation, measured)
        print(measured)
        for line in fitted(news) if options.fit else table(news, options.false):
            print(line, flush=True)


def table(news: News, shown: int) -> Iterator[str]:
    """Yield precision and recall of the build's own groups, then by scenario, then some pairs that count as false."""
    yield "| the other half of the stories | dates | pairs found | precision | recall | groups | articles alone |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    pairs = list(grouped(news.built))
    good = [pair for pair in pairs if news.stories[pair[0]] == news.stories[pair[1]]]
    sizes = np.bincount(news.built)
    yield (
        f"| both halves, as the build grouped them | yes | {len(pairs):,} | {len(good) / max(len(pairs), 1):.3f} "
        f"| {len(good) / max(news.right(np.arange(len(news.built))), 1):.3f} | {(sizes > 1).sum():,} "
        f"| {(sizes == 1).sum():,} |"
    )
    wrong: dict[tuple[str, str], tuple[Article, Article]] = {}
    for scenario in SCENARIOS:
        for dated in (True, False):
            found = right = wanted = groups = alone = 0
            for draw in range(scenario.draws):
                rows = news.drawn(1, scenario, draw)
                story = translations.stories(news.described(rows, dated=dated), news.yardstick)
                pairs = list(grouped(story))
                good = [pair for pair in pairs if len(set(news.stories[rows[list(pair)]])) == 1]
                found, right, wanted = found + len(pairs), right + len(good), wanted + news.right(rows)
                sizes = np.bincount(story)
                groups, alone = groups + int((sizes > 1).sum()), alone + int((sizes == 1).sum())
                for one, other in set(pairs) - set(good) if dated else ():
                    both = news.articles[rows[one]], news.articles[rows[other]]
                    wrong[both[0].id, both[1].id] = both
            precision, recall = right / max(found, 1), right / max(wanted, 1)
            yield (
                f"| {scenario.name} | {'yes' if dated else 'no'} | {found:,} | {precision:.3f} | {recall:.3f} "
                f"| {groups:,} | {alone:,} |"
            )
    listed = [wrong[ids] for ids in sorted(wrong)]
    for one, other in random.Random(1).sample(listed, min(shown, len(wrong))):  # noqa: S311  # the same pairs each time
        yield f"{one.id} {other.id}\n    {one.title}: {one.text[:160]!r}\n    {other.title}: {other.text[:160]!r}"


def grouped(story: Sequence[int] | NDArray[np.int32]) -> Iterator[tuple[int, int]]:
    """Yield all pairs that share a group."""
    members = defaultdict(list)
    for place, first in enumerate(story):
        members[int(first)].append(place)
    for own in members.values():
        yield from combinations(own, 2)


def fitted(news: News) -> Iterator[str]:
    """Yield weights fitted to the first half, every scenario counting the same."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    columns, labels, weights = [], [], []
    for scenario in SCENARIOS:
        for draw in range(scenario.draws):
            rows = news.drawn(0, scenario, draw)
            articles = news.described(rows)
            pairs, margins = translations.near_pairs(articles, news.yardstick)
            same = news.stories[rows[pairs[:, 0]]] == news.stories[rows[pairs[:, 1]]]
            columns.append(translations.features(articles, news.yardstick, pairs, margins))
            labels.append(same)
            weights.append(np.full(len(same), 1_000 / max(same.sum(), 1) / scenario.draws))
    x, y, weight = np.concatenate(columns), np.concatenate(labels), np.concatenate(weights)
    scaler = StandardScaler().fit(x, sample_weight=weight)
    model = LogisticRegression(max_iter=1_000).fit(scaler.transform(x), y, sample_weight=weight)
    found = model.coef_[0] / scaler.scale_
    yield f"WEIGHTS = {found.round(2).tolist()}"
    yield f"START = {model.intercept_[0] - found @ scaler.mean_:.2f}"


if __name__ == "__main__":
    sys.exit(main())
