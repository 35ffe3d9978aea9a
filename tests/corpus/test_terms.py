"""Terms: a question finds the word in every script, whatever stands around it."""

from __future__ import annotations

import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.terms import asked_pairs, pairs, words


def indexed(text: str) -> set[str]:
    return {t for word in words(text) for form in (word, *word.parts) for t in form.terms}


def asked(text: str) -> set[str]:
    return {t for word in words(text) for t in word.terms}


def asked_terms(query: str) -> list[str]:
    return [pair for _, _, pair in asked_pairs(query)]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("resume", "Voici le résumé."),
        ("résumé", "VOICI LE RESUME"),
        ("avion", "l’avion, qu'avions-nous"),
        ("amministratore", "Dell'amministratore delegato"),
        ("Sicherheit", "eine Sicherheitslücke"),
        ("Straße", "in der STRASSE"),
        ("ёлка", "Елка"),
        ("Νέα", "τα νεα"),
        ("微软", "马斯克威胁起诉微软公司"),
        ("マイクロソフト", "マスク氏がマイクロソフトを提訴"),
        ("ﾏｲｸﾛｿﾌﾄ", "マイクロソフト"),
        ("마이크로소프트", "머스크가 마이크로소프트를 고소"),
        ("ไมโครซอฟท์", "มัสก์ขู่ฟ้องไมโครซอฟท์เรื่องข้อมูล"),
        ("مايكروسوفت", "ماسك يهدد مَايكروسوفت"),
        ("الشركة", "شركة جديدة"),
        ("מיקרוסופט", "מאסק מאיים על מיקרוסופט"),
        ("माइक्रोसॉफ्ट", "मस्क ने माइक्रोसॉफ्ट को धमकी दी"),
        ("Microsoft", "Ｍｉｃｒｏｓｏｆｔ"),
        ("CVE-2014-0160", "(CVE-2014-0160)."),
        ("2.6.18-4", "kernel 2.6.18-4, then"),
        ("2.6", "kernel 2.6.18-4, then"),
        ("2.6.18", "kernel 2.6.18-4, then"),
        ("C++", "in C++ und C#"),
        ("apt-listchanges", "the package apt-listchanges."),
        ("listchanges", "the package apt-listchanges."),
    ],
)
def test_found_in_its_script(question: str, text: str) -> None:
    assert {next(words(question)).terms[0]} <= indexed(text) or asked(question) & indexed(text)


@pytest.mark.parametrize(("one", "other"), [("C++", "C#"), ("2.6.18", "2.6.19"), ("微软", "软微"), ("nom", "non")])
def test_different_things_stay_apart(one: str, other: str) -> None:
    assert next(words(one)).terms[0] not in indexed(other)


def test_a_version_is_found_by_what_it_is_a_version_of() -> None:
    assert next(words("2.6.18-4")).terms == ("2.6.18-4", "2.6.18", "2.6")
    for alone in ("2.6", "CVE-2014-0160", "3.0-rc1"):
        assert len(next(words(alone)).terms) == 1


def test_versions_are_three_short_numbers_or_more() -> None:
    for version in ("2.6.18", "2.6.18-4", "192.168.0.1"):
        assert next(words(version)).version
    # An amount, a date, a code, a number.
    for other in ("4.7", "1.680", "17.05.2024", "2024-05-17", "CVE-2014-0160", "3.0.1-rc1", "2618"):
        assert not next(words(other)).version


def test_names() -> None:
    assert [word.terms[0] for word in words("Que sait-on de CVE-2014-0160 et GPT4 en 2015 ?") if word.name] == [
        "cve-2014-0160",
        "gpt4",
    ]
    assert list(pairs("vu par Torsten Werner hier")) == ["torsten werner"]
    assert asked_terms("qui est torsten werner") == ["qui est", "est torsten", "torsten werner"]
    assert not asked_terms("Torsten, Werner")


def test_products_with_their_numbers() -> None:
    assert list(pairs("avec Windows 11 ou iPhone 15, le kernel 7")) == ["windows 11", "iphone 15"]
    assert list(pairs("Python 2.6.18-4 et Emacs 22.x")) == ["python 2.6.18-4", "python 2.6.18", "python 2.6"]
    assert asked_terms("python 2.6.18 22") == ["python 2.6.18"]
    assert not list(pairs("Windows, 11; Windows\n11; Windows-11"))


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    assert all(term for term in indexed(text))
    assert all(" " in pair for pair in chain(pairs(text), asked_terms(text)))


@pytest.mark.parametrize("text", ["a-" * 100_000, "ﷺ" * 1_000, "a" * 200_000, "'" * 100_000, "\ud800\ue000微"])
def test_hostile_text_takes_linear_time(text: str) -> None:
    started = time.perf_counter()
    assert max(map(len, indexed(text)), default=0) <= 200
    assert time.perf_counter() - started < 5
