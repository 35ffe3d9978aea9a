"""Sentences in many scripts, and texts made to trouble the splitter."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sentences import split

CASES = {
    "fr title": (
        "fr",
        ["M. Dupont est venu.", "Mme Curie aussi.", "Le Dr. Martin et MM. Roux et Petit non."],
    ),
    "fr quotation": ("fr", ["Il a dit : « Bonjour. »", "Puis il est parti.", "Est-ce vrai ?", "Oui !"]),
    "fr quotation goes on": ("fr", ["« Ça va ? » demanda-t-elle.", "« Oui. »"]),
    "fr no-break space": ("fr", ["Est-ce «\u00a0libre\u00a0»\u00a0?", "«\u202fOui.\u202f»", "Bien."]),
    "fr page": ("fr", ["Voir p. 12, art. 3 et fig. 4.", "Voir J.-P. Serre."]),
    "de example": (
        "de",
        ["Das gilt z. B. Firefox, d. h. Browsern.", "Es gilt bzw. Anderes gilt ca. 3 Tage."],
    ),
    "de date": ("de", ["Am 3. Mai kam Dr. Müller.", "Das war im Jahr 1999.", "Dann nicht."]),
    "de quotation": ("de", ["Er sagte »Nein.«", "»Doch.«", "„Gut.“", "Ende."]),
    "en titles": (
        "en",
        ["Mr. Smith met Mrs. J. R. Jones in the U.S. Senate.", "They left at 5 p.m. on Jan. 5."],
    ),
    "en versions": ("en", ["Node.js 2.0 is out, e.g. on example.com.", "Is it?", "Yes!", "Well... yes."]),
    "en quotation": ("en", ['He said "Go."', "Then he left (for good.)", "“Why?” she asked."]),
    "en item": ("en", ["1. Install it.", "2. Run it."]),
    "es": ("es", ["¿Qué es?", "¡Nada!", "El Sr. García vive en EE. UU. con su perro."]),
    "zh": ("zh", ["你好。", "今天天气好！", "是吗？", "“好的。”", "他走了"]),
    "zh without space": ("zh", ["版本2.0发布了!", "好吗?", "好。"]),
    "ja": ("ja", ["今日は。", "「はい。", "そうです。」と言った。", "終わり！"]),
    "ar": ("ar", ["كيف حالك؟", "أنا بخير.", "شكرا"]),
    "hi": ("hi", ["यह है।", "वह है।", "ठीक?"]),
    "ru": ("ru", ["Он живёт на ул. Ленина.", "А. С. Пушкин — поэт."]),
    "el": ("el", ["Τι είναι;", "Τίποτα."]),
    "en semicolon": ("en", ["One; Two."]),
    "da reflexive": ("da", ["Han barberede sig.", "Så gik han."]),
    "th": ("th", ["สวัสดีครับ ผมชื่อ"]),
    "und": ("und", ["Dies ist ein Satz.", "这是一句话。", "Another one."]),
    "no letters": ("en", ["Fine. ... 😀"]),
}

HOSTILE = {
    "no space": "a" * 100_000,
    "dots": "." * 100_000,
    "spaced dots": ". " * 50_000,
    "dots and brackets": ".)" * 50_000,
    "closers": ")" * 100_000,
    "abbreviations": "Mr. " * 25_000,
    "initials": "A." * 50_000,
    "spaced initials": "A. " * 33_000,
    "words and dots": "a.b" * 33_000,
    "marks": "?! " * 33_000,
    "quotes": "« " * 50_000,
    "lines": "\n" * 100_000,
    "carriage returns": "\r" * 100_000,
    "spaced lines": "\n " * 50_000,
    "spaces": "\n" + " " * 100_000,
    "bullets": "\n- " * 33_000,
    "paragraphs": "A.\n\n" * 25_000,
    "nul": "\x00. " * 33_000,
    "lone surrogates": "\ud800\udfff. A" * 20_000,
    "emoji": "😀" * 100_000,
    "han": "中" * 100_000,
    "han stops": "。" * 100_000,
    "combining": "e" + "\u0301" * 100_000,
}


def cut(text: str, lang: str) -> list[str]:
    return [text[start:end] for start, end in split(text, lang)]


def check(text: str, spans: list[tuple[int, int]]) -> None:
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    inside = "".join(text[start:end] for start, end in spans)
    assert "".join(inside.split()) == "".join(text.split())


@pytest.mark.parametrize("name", CASES)
def test_sentences(name: str) -> None:
    lang, sentences = CASES[name]
    text = ("" if lang in {"zh", "ja"} else " ").join(sentences)
    assert cut(text, lang) == sentences


@pytest.mark.parametrize("blank", ["\n\n", "\r\n\r\n", "\n \t\n", "\r\r", "\u2029", "\n\n\n\n"])
def test_a_blank_line_ends_a_sentence(blank: str) -> None:
    assert cut(f" A headline{blank}and text ", "en") == ["A headline", "and text"]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_line_end_does_not(line_end: str) -> None:
    assert cut(f"A long{line_end}sentence. Another", "en") == [f"A long{line_end}sentence.", "Another"]


def test_items_of_a_list_are_apart() -> None:
    assert cut("These:\n- the first\n- the second\n• a third", "en") == [
        "These:",
        "- the first",
        "- the second",
        "• a third",
    ]


def test_offsets_are_code_points() -> None:
    assert split("😀 Oui. 😀 Non.", "fr") == [(0, 6), (7, 13)]


@pytest.mark.parametrize("lang", ["und", "", "xx", "no", "fr-FR", "\ud800", "z" * 10_000])
def test_any_language_will_do(lang: str) -> None:
    assert cut("One. Two.", lang) == ["One.", "Two."]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u3000\x1c\x85"])
def test_nothing_but_space(text: str) -> None:
    assert split(text, "en") == []


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_takes_no_longer(name: str) -> None:
    start = time.perf_counter()
    spans = {lang: split(HOSTILE[name], lang) for lang in ("en", "de", "zh", "und")}
    assert time.perf_counter() - start < 8
    for found in spans.values():
        check(HOSTILE[name], found)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.one_of(
            st.sampled_from([*' .!?\n\r»«")。।؟;-…1aAé\x00\ud800', "M.", "z. B.", "\n\n", "と"]),
            st.text(max_size=5),
        )
    ).map("".join),
    st.sampled_from(["en", "fr", "de", "zh", "ja", "el", "und"]),
)
def test_every_character_is_covered(text: str, lang: str) -> None:
    check(text, split(text, lang))
