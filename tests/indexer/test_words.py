"""The words of passages: BM25 by hand, names, files."""

from __future__ import annotations

from math import log
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import IndexDamaged
from indexer.words import NAMES, WordIndex

TEXTS = [
    "Musk menace Microsoft",
    "Musk droht Microsoft mit Klage",
    "un deux trois quatre cinq six",
    "le paquet apt-listchanges 2.6.18-4 de Torsten Werner",
]


def test_coverage_by_hand() -> None:
    # "six" stands in one of four passages, once, among 6 of 27 / 4 terms; "rien" in none.
    index = WordIndex.build(["six", "un", "un un"])
    idf, unknown = log(1 + (3 - 1 + 0.5) / 1.5), log(1 + 3.5 / 0.5)
    weight = 1 / (1 + 1.2 * (0.25 + 0.75 * 1 / (4 / 3)))
    found = index.match("six rien").coverage
    assert found.tolist() == pytest.approx([idf * weight / (idf + unknown), 0, 0], abs=0.003)


def test_more_of_the_question_counts_more() -> None:
    coverage = WordIndex.build(TEXTS).match("qui menace Microsoft").coverage
    assert coverage[0] > coverage[1] > 0
    assert coverage[2] == 0
    assert coverage.dtype == np.float32


def test_names_are_the_part_of_the_question_they_make_up() -> None:
    index = WordIndex.build(TEXTS * 2)
    for name in ("apt-listchanges", "2.6.18-4", "Torsten Werner", "torsten werner"):
        assert index.match(name).names.tolist() == pytest.approx([0, 0, 0, 1] * 2)
    part = index.match("was ist apt-listchanges genau").names
    assert 0 < part[3] < 0.6
    # A number says more of what is meant than other names do.
    assert index.match("was ist 2.6.18-4 genau").names[3] > 1.2 * part[3]
    assert not index.match("Werner Torsten").names.any()
    assert not index.match("Microsoft").names.any()


def test_a_product_is_named_with_its_number() -> None:
    index = WordIndex.build(
        ["Windows 11 vor 12 Jahren", "Windows im Jahr 11", "X.Org 7.5 in Debian 6.0", "Debian 7.5.1"]
    )
    assert index.match("windows 11").names.tolist() == pytest.approx([1, 0, 0, 0])
    # What has the number of something else does not have the name; a version has that of what it is a version of.
    assert index.match("Debian 7.5").names.tolist() == pytest.approx([0, 0, 0, 1])
    # Where nothing is called so, the number alone is a name.
    assert index.match("Emacs 7.5").names[2] > 0


def test_parts_are_looked_for_where_the_whole_is_unknown() -> None:
    assert WordIndex.build(["listchanges hilft"]).match("apt-listchanges").coverage[0] > 0


def test_names_with_digits_and_long_numbers_that_no_passage_holds_are_unknown() -> None:
    index = WordIndex.build([*TEXTS, "CVE-2021-3156 lässt andere handeln", "CVE 2021-4034", "44228 Mal 1.680 Euro"])
    for query in ("CVE-2021-44229", "rtx9090", "44229", "CVE-2021-44229?"):
        assert (index.match(query).unknown, index.match(query).absence) == (1, 1)
    # Known in one piece; in its parts, joined in another way; or nothing that would single anything out.
    for query in (
        "CVE-2021-3156",
        "CVE-2021-4034",
        "1.680",
        "CVE 2021 3156",
        "2.6.18-4-Lizenz",
        "2019",
        "rien",
        "apt-listbugs",
        "!",
    ):
        assert (index.match(query).unknown, index.match(query).absence) == (0, 0)
    # A version's numbers stand in many passages; only joined do they mean it.
    assert index.match("2.6.4-18").unknown == 1
    assert index.match("2.6.18").unknown == 0
    # Its parts stand in several passages, but in none all of them.
    assert index.match("CVE-2021-44228").unknown == 1
    part = index.match("was ist das und wie geht es ihm mit der 44229")
    assert 0 < part.unknown < 0.3
    assert part.absence == 0
    assert 0.5 < index.match("was ist CVE-2021-44229").absence < 1


def test_what_is_absent_is_named_as_it_was_asked() -> None:
    index = WordIndex.build([*TEXTS, "CVE-2021-3156 lässt andere handeln", "CVE 2021-4034"])
    assert index.absent("Was ist CVE-2021-44228, was CVE-2021-4034?") == ("CVE-2021-44228",)
    assert index.absent("À quoi sert l’RTX9090 ? L’RTX9090 !") == ("RTX9090",)
    assert index.absent("2.6.4-18 or RTX9090") == ("2.6.4-18", "RTX9090")
    for query in ("CVE-2021-3156", "Zorblax", "2019", "", "?!"):
        assert index.absent(query) == ()


def test_what_is_unknown_holds_for_every_passage() -> None:
    match = WordIndex.build(TEXTS).match("rtx9090 de Musk")
    assert match.at(np.array([2])).unknown == match.unknown > 0


def test_nothing_to_find() -> None:
    for texts in ([], [""], TEXTS):
        match = WordIndex.build(texts).match("?! …")
        assert match.coverage.shape == match.names.shape == (len(texts),)
        assert not match.coverage.any()


@pytest.mark.parametrize("texts", [[], [""], TEXTS])
def test_saved_and_opened(texts: list[str], tmp_path: Path) -> None:
    built = WordIndex.build(texts)
    built.save(tmp_path)
    opened = WordIndex.open(tmp_path, len(texts))
    for query in ("Musk", "torsten werner", "rien"):
        assert opened.match(query).coverage.tolist() == built.match(query).coverage.tolist()
        assert opened.match(query).names.tolist() == built.match(query).names.tolist()


@pytest.mark.parametrize("name", NAMES)
def test_damaged(name: str, tmp_path: Path) -> None:
    WordIndex.build(TEXTS).save(tmp_path)
    file = tmp_path / name
    file.write_bytes(b"\x93NUMPY torn")
    with pytest.raises(IndexDamaged):
        WordIndex.open(tmp_path, len(TEXTS))
    np.save(file, np.zeros(3, object), allow_pickle=True)
    with pytest.raises(IndexDamaged):
        WordIndex.open(tmp_path, len(TEXTS))
    np.save(file, np.zeros(3, np.float64))
    with pytest.raises(IndexDamaged):
        WordIndex.open(tmp_path, len(TEXTS))
