"""Generations: which are kept, going back, and where the next build starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from indexer import generation, lineage
from indexer.build import BuildReport, build
from indexer.encoder import Encoder
from indexer.errors import IndexBusy, IndexDamaged, IndexMissing
from indexer.generation import Generation
from indexer.lock import building


def add(index: Path, encoder: Encoder, name: str, keep: int | None = None) -> BuildReport:
    file = index.parent / f"{name}.jsonl"
    file.write_text(json.dumps({"id": name, "text": f"Nouvelle de {name}.", "lang": "fr"}) + "\n")
    return build([file], index, encoder=encoder, quiet=True, keep=keep)


def ids(index: Path) -> set[str]:
    opened = Generation.open(index)
    opened.close()
    return set(opened.places.ids)


def kept(index: Path) -> list[str]:
    return [found.name for found in lineage.generations(index)]


def test_the_served_comes_first_then_those_before_it(own_index: Path) -> None:
    served, before = lineage.generations(own_index)
    assert (served.served, before.served) == (True, False)
    assert served.name == generation.current_name(own_index)
    assert (served.articles, before.articles) == (5, 3)
    assert before.bytes == sum(f.stat().st_size for f in (own_index / "generations" / before.name).iterdir())
    assert served.model == "bundled"
    assert not any(found.rolled_back or found.damage for found in (served, before))


def test_back_and_forth(own_index: Path) -> None:
    second, first = kept(own_index)
    done = lineage.rollback(own_index)
    assert (done.before, done.now, done.articles) == (second, first, 3)
    assert generation.current_name(own_index) == first
    assert [(found.name, found.rolled_back) for found in lineage.generations(own_index)] == [
        (first, False),
        (second, True),
    ]
    assert len(ids(own_index)) == 3
    assert lineage.rollback(own_index, second).now == second
    assert lineage.rollback(own_index, second).before == second
    assert generation.current_name(own_index) == second


def test_a_build_after_a_rollback_starts_from_what_is_served(own_index: Path, encoder: Encoder) -> None:
    second, first = kept(own_index)
    lineage.rollback(own_index)
    report = add(own_index, encoder, "php")
    assert report.articles == 4
    assert kept(own_index) == [report.build, first, second]
    assert [found.rolled_back for found in lineage.generations(own_index)] == [False, False, True]
    # What was rolled back is not what this one goes back to.
    assert lineage.rollback(own_index).now == first


def test_sweeping_spares_what_is_served_and_what_it_goes_back_to(own_index: Path, encoder: Encoder) -> None:
    second, first = kept(own_index)
    lineage.rollback(own_index)
    third = add(own_index, encoder, "php", keep=2).build
    assert kept(own_index) == [third, first]
    assert not (own_index / "generations" / second).exists()
    lineage.rollback(own_index)
    add(own_index, encoder, "php", keep=1)
    assert kept(own_index) == [generation.current_name(own_index)]


def test_how_many_are_kept_is_remembered(own_index: Path, encoder: Encoder) -> None:
    served = kept(own_index)[0]
    reports = [add(own_index, encoder, "a", keep=5), add(own_index, encoder, "b"), add(own_index, encoder, "c")]
    assert len(kept(own_index)) == 5
    assert kept(own_index)[3] == served
    assert reports[-1].build == kept(own_index)[0]
    assert not add(own_index, encoder, "c", keep=1).published
    assert kept(own_index) == [reports[-1].build]
    with pytest.raises(ValueError, match="0 generations"):
        add(own_index, encoder, "c", keep=0)
    (own_index / "keep").write_text("many")
    with pytest.raises(IndexDamaged, match="--keep"):
        add(own_index, encoder, "c")


def test_a_damaged_generation_is_listed_and_not_gone_back_to(own_index: Path) -> None:
    served, before = kept(own_index)
    file = own_index / "generations" / before / "tokens.codes"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(IndexDamaged, match=r"tokens\.codes"):
        lineage.rollback(own_index)
    assert generation.current_name(own_index) == served
    file.write_bytes(data[:-1])
    assert (
        lineage.generations(own_index)[1].damage == f"tokens.codes has {len(data) - 1:,} bytes instead of {len(data):,}"
    )
    (file.parent / "manifest.json").write_text("{")
    found = lineage.generations(own_index)[1]
    assert found.damage is not None
    assert (found.name, found.articles) == (before, None)


def test_back_from_a_served_one_that_cannot_be_read(own_index: Path) -> None:
    served, before = kept(own_index)
    (own_index / "generations" / served / "manifest.json").unlink()
    assert lineage.rollback(own_index).now == before


def test_back_where_current_is_lost(own_index: Path) -> None:
    served, before = kept(own_index)
    (own_index / "current").unlink()
    assert not any(found.served or found.rolled_back for found in lineage.generations(own_index))
    with pytest.raises(IndexMissing, match=f"{before}, {served}: name one"):
        lineage.rollback(own_index)
    assert lineage.rollback(own_index, served).before is None
    assert generation.current_name(own_index) == served


@pytest.mark.parametrize("name", ["20200101T000000Z-0000", "../../index", "", "."])
def test_there_is_no_such_generation(own_index: Path, name: str) -> None:
    with pytest.raises(IndexMissing, match="keeps no generation"):
        lineage.rollback(own_index, name)


def test_nothing_before_and_nothing_at_all(own_index: Path, tmp_path: Path) -> None:
    lineage.rollback(own_index)
    with pytest.raises(IndexMissing, match="no generation before"):
        lineage.rollback(own_index)
    with pytest.raises(IndexMissing, match="there is no index"):
        lineage.rollback(tmp_path / "nowhere")
    with pytest.raises(IndexMissing, match="there is no index"):
        lineage.generations(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_no_rollback_while_a_build_goes_on(own_index: Path) -> None:
    with building(own_index), pytest.raises(IndexBusy):
        lineage.rollback(own_index)
