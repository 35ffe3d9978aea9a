"""The queue and its threads: together and alone the same, no more than may wait, nobody's mistake is another's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from search_api import SearchEngine
from search_api.errors import Overloaded
from search_api.reading import Reading
from search_api.service.metrics import Metrics
from search_api.service.pool import EnginePool

QUESTIONS = [
    "qui menace Microsoft",
    "x",
    "谁威胁微软",
    "Debian 9 ist erschienen " * 12,
    "🚀",
    "who threatens Microsoft?",
]


@pytest.fixture
def pool() -> Iterator[EnginePool]:
    """Return a pool of one thread, before which three may wait."""
    made = EnginePool(Metrics(), threads=1, most_waiting=3, largest_group=8)
    yield made
    made.close()


def test_a_question_is_read_the_same_whatever_it_is_read_with(tiny_engine: SearchEngine) -> None:
    together = tiny_engine.read(QUESTIONS)
    for question, reading in zip(QUESTIONS, together, strict=True):
        (alone,) = tiny_engine.read([question])
        assert reading.read[0] == pytest.approx(alone.read[0], abs=1e-3)
        assert reading.read[1] is not None
        assert alone.read[1] is not None
        assert reading.read[1].vectors == pytest.approx(alone.read[1].vectors, abs=1e-3)
        assert reading.read[1].weights == pytest.approx(alone.read[1].weights, abs=1e-6)
        found, expected = tiny_engine.search(question, reading=reading), tiny_engine.search(question)
        assert [hit.article_id for hit in found] == [hit.article_id for hit in expected]
        assert [hit.score for hit in found] == pytest.approx([hit.score for hit in expected], abs=1e-3)
        assert [hit.highlight for hit in found] == [hit.highlight for hit in expected]


def test_filters_hold_for_what_was_read_together(tiny_engine: SearchEngine) -> None:
    reading = tiny_engine.read(["Debian", "Microsoft"])[0]
    assert {hit.lang for hit in tiny_engine.search("Debian", lang="fr", reading=reading)} == {"fr"}
    without = tiny_engine.read(["Debian"], near=[False])[0]
    assert without.near is None
    assert [hit.article_id for hit in tiny_engine.search("Debian", reading=without)] == [
        hit.article_id for hit in tiny_engine.search("Debian", reading=reading)
    ]


def test_those_that_wait_are_read_together(tiny_engine: SearchEngine, pool: EnginePool) -> None:
    busy, go = threading.Event(), threading.Event()

    async def ask() -> list[Reading]:
        blocking = asyncio.create_task(pool.run(lambda: (busy.set(), go.wait(60))))
        await asyncio.to_thread(busy.wait)
        asked = [asyncio.create_task(pool.ask(tiny_engine, text, lambda reading: reading)) for text in QUESTIONS[:3]]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await pool.ask(tiny_engine, "one too many", lambda reading: reading)
        go.set()
        await blocking
        return list(await asyncio.gather(*asked))

    readings = asyncio.run(ask())
    assert [reading.query for reading in readings] == QUESTIONS[:3]
    text = pool._metrics.text().decode()
    assert "veille_group_size_count 1.0" in text
    assert "veille_group_size_sum 3.0" in text


def test_who_gives_up_is_not_answered(tiny_engine: SearchEngine, pool: EnginePool) -> None:
    busy, go, done = threading.Event(), threading.Event(), []

    async def ask() -> None:
        blocking = asyncio.create_task(pool.run(lambda: (busy.set(), go.wait(60))))
        await asyncio.to_thread(busy.wait)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.ask(tiny_engine, "never", done.append), 0.05)
        later = asyncio.create_task(pool.ask(tiny_engine, "still", done.append))
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(blocking, later)

    asyncio.run(ask())
    assert [reading.query for reading in done] == ["still"]


def test_a_mistake_is_its_owner_s_alone(tiny_engine: SearchEngine, pool: EnginePool) -> None:
    def fail(_: Reading) -> None:
        raise ZeroDivisionError

    async def ask() -> list[object]:
        tasks = [
            pool.ask(tiny_engine, "a", fail),
            pool.ask(tiny_engine, "b", lambda reading: reading.query),
            pool.run(lambda: 3),
        ]
        return await asyncio.gather(*tasks, return_exceptions=True)

    failed, text, three = asyncio.run(ask())
    assert isinstance(failed, ZeroDivisionError)
    assert (text, three) == ("b", 3)


def test_a_closed_pool_takes_nothing(tiny_engine: SearchEngine) -> None:
    made = EnginePool(Metrics(), threads=2, most_waiting=3, largest_group=8)
    made.close()
    with pytest.raises(Overloaded):
        asyncio.run(made.run(lambda: 1))
