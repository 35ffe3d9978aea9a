"""The gate of groups: translations of one story are found, and hardly anything else is taken for one.

Headlines and first paragraphs of technews: 80 stories in up to four languages among 240 others of the same sources in
one. All are of the half of the stories that weights were not fitted to. The whole is measured by
benchmarks/translations.py.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation

pytestmark = pytest.mark.timeout(1800)

STORIES, OTHERS, LANGUAGES = 80, 240, 4
# Seen: 0.999 and 0.929. What is promised: 0.95 and 0.6.
PRECISION, RECALL = 0.98, 0.88
Article = dict[str, Any]


def stories(shared_data: Path) -> list[list[Article]]:
    found: defaultdict[str, list[Article]] = defaultdict(list)
    for name in ("debian_weekly", "debian_news", "ruby_news"):
        with (shared_data / "technews" / f"{name}.jsonl").open(encoding="utf-8") as stream:
            for article in map(json.loads, stream):
                if hashlib.sha256(article["parallel_id"].encode()).digest()[0] & 1:
                    found[article["parallel_id"]].append(article)
    return [found[story] for story in sorted(found)]


def sample(shared_data: Path) -> list[Article]:
    draw = random.Random(11)  # the same articles each time
    chosen = draw.sample(stories(shared_data), STORIES + OTHERS)
    taken = [
        article
        for place, story in enumerate(chosen)
        for article in draw.sample(story, min(len(story), LANGUAGES if place < STORIES else 1))
    ]
    return [article | {"text": article["text"].split("\n\n")[0]} for article in taken]


def test_translations_are_found_and_little_else(shared_data: Path, encoder: Encoder, tmp_path: Path) -> None:
    articles = sample(shared_data)
    source = tmp_path / "news.jsonl"
    source.write_text("".join(json.dumps(article) + "\n" for article in articles), encoding="utf-8")
    build([source], tmp_path / "index", encoder=encoder, quiet=True, keep_codes=False)
    generation = Generation.open(tmp_path / "index")
    grouped = generation.groups.stories
    held = generation.facts.articles(range(len(articles)))
    generation.close()
    story = [held[row].metadata["parallel_id"] for row in range(len(articles))]
    same_group = {
        pair
        for group in np.unique(grouped)
        for pair in combinations(np.flatnonzero(grouped == group).tolist(), 2)
        if held[pair[0]].lang != held[pair[1]].lang
    }
    right = sum(story[one] == story[other] for one, other in same_group)
    wanted = sum(count * (count - 1) // 2 for count in Counter(story).values())
    precision, recall = right / len(same_group), right / wanted
    assert precision >= PRECISION, f"{precision:.3f} of {len(same_group)}; recall {recall:.3f} of {wanted}"
    assert recall >= RECALL, f"{recall:.3f} of {wanted}; precision {precision:.3f}"
