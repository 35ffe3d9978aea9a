"""What is learnt from: stories in several languages, never those that the benchmark asks for."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from training.news import BENCHMARK, News, Story, Telling, asked
from training.ranking import means


@pytest.fixture(scope="module")
def news(shared_data: Path) -> News:
    # Words stand for tokens: cutting is not what is tested here.
    return News.read(lambda texts: [len(text.split()) for text in texts], shared_data.parent)


def test_stories_of_the_benchmark_are_left_out(news: News, shared_data: Path) -> None:
    with (shared_data.parent / BENCHMARK / "corpus.jsonl").open(encoding="utf-8") as stream:
        tested = {json.loads(line)["_id"].rsplit("-", 1)[0] for line in stream}
    names = {story.name for issue in news.issues for story in issue} | {story.name for story in news.kept}
    assert len(tested) == 246
    assert len(names) > 2_500
    assert not names & tested


def test_kept_stories_are_not_trained_on(news: News) -> None:
    trained = {story.name for issue in news.issues for story in issue}
    assert 100 < len(news.kept) < 250
    assert not trained & {story.name for story in news.kept}


def test_batches_are_the_same_again_and_samples_are_neighbours(news: News) -> None:
    assert news.batch(random.Random(1), 16) == news.batch(random.Random(1), 16)
    sample = news.sample(random.Random(2), 12, 4)
    assert len(sample) == 12
    assert len({language for language, _ in sample}) > 1
    language, first = sample[0]
    place = list(news.texts[language]).index(first)
    assert [text for _, text in sample[:4]] == list(news.texts[language][place : place + 4])


def test_a_story_is_asked_for_in_one_language_and_told_in_others() -> None:
    told = [
        Telling(language, f"title {language}", (f"First of {language}, long enough to ask.",)) for language in "abc"
    ]
    abroad = 0
    for seed in range(200):
        one = asked(random.Random(seed), Story("s", "i", tuple(told)))
        assert len(one.passages) == 2
        assert all(language in text for language, text in one.passages)
        abroad += sum(language != one.language for language, _ in one.passages)
    assert abroad > 300


def test_means_by_hand() -> None:
    import numpy as np

    found = means(np.array([[True, False, True, False], [False, False, True, False]]))
    assert found.average_precision == pytest.approx(((1 + 2 / 3) / 2 + 1 / 3) / 2)
    assert found.reciprocal_rank == pytest.approx((1 + 1 / 3) / 2)
