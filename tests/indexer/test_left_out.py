"""Boilerplate in real builds: not embedded, not found, reported, and the same in steps or at once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from corpus.article import Article
from indexer.build import build
from indexer.encoder import Encoder
from indexer.generation import Generation
from indexer.left_out import LISTED, LeftOut, Recurring, SourceBoilerplate
from indexer.watch import Watch
from search_api import SearchEngine

ABOUT = "The Heron Project is an association of developers who volunteer their time to make a free bird guide."
SIGN_UP = "Subscribe to our letter and read about herons, storks and cranes every Monday before breakfast."
NEWS = (
    "A grey heron was seen in {0}.",
    "The town council of {0} votes on a new bridge.",
    "Rain has flooded the station in {0}.",
    "A bakery in {0} won a prize for its bread.",
)
TOWNS = ("Lyon", "Porto", "Gdansk", "Turku", "Bergen", "Ghent", "Trieste", "Malaga")


def record(number: int, *, about: bool = True, sign_up: bool = False) -> dict[str, object]:
    """Return an article about one town, with the paragraphs that its source adds."""
    town = TOWNS[number]
    text = [line.format(town) for line in NEWS]
    text[2:2] = [SIGN_UP] if sign_up else []
    text += ["About Heron", ABOUT] if about else []
    return {"id": town, "text": "\n\n".join(text), "lang": "en", "source": "Heron", "title": f"News of {town}"}


def write(file: Path, records: Iterable[dict[str, object]]) -> Path:
    file.write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return file


def passages(index: Path) -> dict[str, list[str]]:
    """Return the texts of the passages of each article."""
    generation = Generation.open(index)
    articles = generation.facts.articles(range(generation.manifest.articles))
    found: dict[str, list[str]] = {article.id: [] for article in articles.values()}
    for one in generation.facts.passages(range(generation.manifest.passages)):
        article = articles[one.article_row]
        found[article.id].append(article.text[one.start : one.end])
    generation.close()
    return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder) -> Path:
    """Return the folder of an index whose articles end alike, five of eight with a call to subscribe in the middle."""
    folder = tmp_path_factory.mktemp("heron")
    source = write(folder / "a.jsonl", (record(number, sign_up=number < 5) for number in range(8)))
    build([source], folder / "index", encoder=encoder, quiet=True)
    return folder / "index"


def test_it_is_in_no_passage_but_stays_in_the_article(built: Path) -> None:
    found = passages(built)
    texts = [text for one in found.values() for text in one]
    assert not any("Heron" in text or "Subscribe" in text for text in texts)
    for town in TOWNS:
        said = "\n".join(found[town])
        assert all(line.format(town) in said for line in NEWS)
    # A passage is one stretch of text, so one ends where something was left out.
    assert [len(found[town]) for town in TOWNS] == [2] * 5 + [1] * 3
    with SearchEngine.open(built) as engine:
        article = engine.article("Lyon")
        assert article is not None
        assert ABOUT in article.text
        assert SIGN_UP in article.text


def test_it_is_reported_by_source(built: Path) -> None:
    generation = Generation.open(built)
    generation.close()
    each = len(ABOUT) + len("About Heron")
    (reported,) = generation.manifest.boilerplate.values()
    assert (reported.paragraphs, reported.articles) == (3, 8)
    assert reported.characters == 8 * each + 5 * len(SIGN_UP)
    assert sorted(reported.most, key=lambda one: (-one.articles, one.begins)) == [
        Recurring("About Heron", "en", 8),
        Recurring(ABOUT, "en", 8),
        Recurring(SIGN_UP, "en", 5),
    ]


def test_searching_for_it_finds_what_is_about_it_instead(built: Path, tmp_path: Path, encoder: Encoder) -> None:
    question = "association of developers who volunteer to make a free bird guide"
    kept = tmp_path / "kept"
    source = write(tmp_path / "a.jsonl", (record(number, sign_up=number < 5) for number in range(8)))
    build([source], kept, encoder=encoder, quiet=True, keep_boilerplate=True)
    with SearchEngine.open(kept) as engine:
        assert all("volunteer" in hit.passages[0].text for hit in engine.search(question, k=8))
    with SearchEngine.open(built) as engine:
        found = engine.search(question, k=8)
        assert not any("volunteer" in passage.text for hit in found for passage in hit.passages)
        assert not found.answered


@pytest.mark.parametrize("kept", [False, True])
def test_a_watch_leaves_it_out_or_keeps_it_as_a_build_does(tmp_path: Path, encoder: Encoder, kept: bool) -> None:
    source = write(tmp_path / "a.jsonl", (record(number) for number in range(8)))
    index = tmp_path / "index"
    build([source], index, encoder=encoder, quiet=True, keep_boilerplate=kept)
    write(source, (record(number, sign_up=number < 1) for number in range(8)))
    done = Watch([str(source)], index, encoder=encoder, keep_boilerplate=kept).round()
    assert (done.new, done.changed) == (0, 1)
    assert all(("volunteer" in " ".join(texts)) == kept for texts in passages(index).values())


@pytest.mark.parametrize("last", [1, 4])
def test_in_steps_or_at_once_gives_the_same(tmp_path: Path, encoder: Encoder, last: int) -> None:
    records = [record(number, sign_up=number < 5) for number in range(8)]
    steps, once = tmp_path / "steps", tmp_path / "once"
    # In the first step nothing stands in five articles yet; with the last one more does, or several do.
    build([write(tmp_path / "first.jsonl", records[last:])], steps, encoder=encoder, quiet=True)
    build([write(tmp_path / "rest.jsonl", records[:last])], steps, encoder=encoder, quiet=True)
    build([write(tmp_path / "all.jsonl", records)], once, encoder=encoder, quiet=True)
    assert passages(steps) == passages(once)
    first, second = Generation.open(steps), Generation.open(once)
    assert first.manifest.boilerplate == second.manifest.boilerplate
    assert first.facts.passage_ids() == second.facts.passage_ids()
    rows = np.arange(first.vectors.count)
    assert np.abs(first.vectors.vectors(rows) - second.vectors.vectors(rows)).max() < 1e-5
    for one in (first, second):
        one.close()


def test_only_what_a_new_boilerplate_touches_is_embedded_anew(tmp_path: Path, encoder: Encoder) -> None:
    index = tmp_path / "index"
    first = [record(number, sign_up=number < 4) for number in range(7)]
    before = build([write(tmp_path / "a.jsonl", first)], index, encoder=encoder, quiet=True)
    assert sum(one.paragraphs for one in before.boilerplate.values()) == 2
    more = write(tmp_path / "b.jsonl", [record(7, sign_up=True)])
    after = build([more], index, encoder=encoder, quiet=True)
    assert sum(one.paragraphs for one in after.boilerplate.values()) == 3
    # Five articles are cut in two now; the three that never held it stay as they were.
    assert (after.passages, after.embedded, after.reused) == (13, 10, 3)


def test_boilerplate_that_ceases_to_be_comes_back(tmp_path: Path, encoder: Encoder) -> None:
    index = tmp_path / "index"
    build([write(tmp_path / "a.jsonl", map(record, range(5)))], index, encoder=encoder, quiet=True)
    assert not any(ABOUT in text for one in passages(index).values() for text in one)
    changed = write(tmp_path / "b.jsonl", [record(0, about=False)])
    report = build([changed], index, encoder=encoder, quiet=True)
    assert report.boilerplate == {}
    assert [town for town, one in passages(index).items() if any(ABOUT in text for text in one)] == sorted(TOWNS[1:5])


def test_keeping_it_is_a_recipe_of_its_own(built: Path, tmp_path: Path, encoder: Encoder) -> None:
    source = write(tmp_path / "a.jsonl", map(record, range(5)))
    index = tmp_path / "index"
    kept = build([source], index, encoder=encoder, quiet=True, keep_boilerplate=True)
    assert kept.boilerplate == {}
    again = build([source], index, encoder=encoder, quiet=True, keep_boilerplate=True)
    assert not again.published
    without = build([source], index, encoder=encoder, quiet=True)
    assert without.published
    assert without.boilerplate["Heron"].articles == 5
    back = build([source], index, encoder=encoder, quiet=True, keep_boilerplate=True)
    assert back.published
    assert (back.embedded, back.boilerplate) == (0, {})


def test_what_is_listed_is_bounded() -> None:
    def line(number: int) -> str:
        return f"The {'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'[number]} of it. " * 20

    lines = [line(number) for number in range(LISTED + 5)]
    own = ["".join(f"{'xyzuvw'[(n + k) % 6]}{k} " for k in range(6000)) for n in range(5)]
    articles = [Article(id=str(n), text="\n".join((text, *lines)), source="S") for n, text in enumerate(own)]
    left_out = LeftOut.among(articles, quiet=True)
    for article in articles:
        left_out.of(article)
    (found,) = left_out.by_source().values()
    assert isinstance(found, SourceBoilerplate)
    assert (found.paragraphs, len(found.most)) == (45 - 20, LISTED)
    assert max(len(one.begins) for one in found.most) == 120
