"""Where sentences begin and end in a text of any script.

A mark ends a sentence unless what stands around it says otherwise: a small letter follows, or an
abbreviation, an initial or an ordinal number stands before. Measured against libraries in
docs/choices.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

Span = tuple[int, int]

# The group is atomic, or "\r\n" would count as two line ends.
_LINE_END: Final = r"(?>\r\n|[\n\r])"
# A blank line, or the line end before an item of a list: items seldom end in a full stop.
_PARAGRAPH_END: Final = re.compile(
    rf"{_LINE_END}[^\S\n\r]*+{_LINE_END}|\u2029|{_LINE_END}(?=[^\S\n\r]*+[-*•–][^\S\n\r])"
)

_CLOSERS: Final = "\"'”’»›)\\]}」』）】〉》"
# Runs are possessive and nothing is asked of what follows, so that a hundred thousand dots take linear time.
# French sets a space before its closing quotation mark; German sets » before a word, so space must follow.
# Where a space must follow the mark, « and “ close too, as in German; in Chinese “ then opens.
_MARK: Final = re.compile(
    rf"(?P<spaced>[.!?…‽؟۔።։;]++)[{_CLOSERS}«‹“‘]*+(?:[ \u00a0\u202f]»(?=[\s.,;]|\Z))?"
    rf"|(?P<free>[。！？｡．।॥]++)[{_CLOSERS}]*+"
)
_OPENERS: Final = frozenset("\"'“‘„‚«‹»([{¿¡「『（【〈《-–—•*_")
# How far to look for the word before a mark, and behind it for the first letter of the next sentence.
_LOOK: Final = 24
_WORD: Final = re.compile(r"[^\s\"'“‘„«‹(\[{/’-]*\Z")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_ORDINAL: Final = re.compile(r"\d{1,2}|[IVXLC]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Never at the end of a sentence: they announce a name or an example.
_BEFORE_NAMES: Final = _words("Mr Mrs Ms Dr Prof Rev Gen Col Capt Lt Sgt St Sr Sra Jr vs cf approx Mgr Ing EE")
_BEFORE_NAMES_IN: Final = {
    lang: _words(words)
    for lang, words in {
        "bg": "ул гр проф вкл напр",
        "cs": "např tzv tj mj prof ing mgr tzn popř resp",
        "da": "f.eks bl.a ca hr fr kl pct inkl",
        "de": "bzw ca vgl sog inkl evtl ggf zzgl bspw Hr Fr Dipl Ing Mio Mrd geb u.a Abs usf",
        "en": "Sen Rep Gov Hon Ave incl e.g i.e",
        "es": "Sra Srta Dña Dª Dra Ud Uds ej pág",
        "fi": "esim mm ns ts tp",
        "fr": "MM Pr Ste Mgr env av éd",
        "it": "Sig Dott Ing Avv Prof es",
        "nb": "f.eks bl.a ca hr fr kl inkl",
        "nl": "bijv dhr Mevr mevr drs mw ca evt o.a",
        "pl": "np tzw tzn tj prof inż dr ul im mgr",
        "pt": "Sra Dra Exmo av",
        "ru": "ул им тов проф напр см т.н т.е акад",
        "sk": "napr tzv tj resp prof",
        "sv": "t.ex bl.a ca kl s.k dvs",
        "tr": "Doç Av örn bkz",
        "uk": "вул ім проф напр див",
    }.items()
}
_NORWEGIAN: Final = frozenset({"no", "nn"})
# Never at the end of a sentence when a number follows.
_BEFORE_NUMBERS: Final = _words(
    "no nos nr nrs núm num n° nº vol vols fig figs art arts sec ch chap v vers pp pag pág ed éd abb bd kap "
    "abs abt č čl str nro ст гл рис стр ca "
    "jan feb apr jun jul aug sep sept oct okt nov dec dez janv févr avr juil déc ene abr dic"
)
# These write ordinal numbers, and so dates, with a full stop.
_DOTTED_ORDINALS: Final = _words("bs cs da de et fi hr hu is lv nb nn no pl sk sl sr tr")
_QUESTION_IS_SEMICOLON: Final = "el"


def split(text: str, lang: str) -> list[Span]:
    """Return the (start, end) of each sentence, in code points of `text`.

    The spans are in order, do not overlap, are trimmed of white space, are never empty, and together hold
    every character that is not white space. A blank line always ends a sentence, and so does the line end
    before an item of a list; other line ends do not. `lang` is an ISO 639-1 code that chooses abbreviations
    and dates; any other string is taken as "und". Text without marks, as Thai is written, comes back one
    paragraph a span. Never raises, and takes linear time.
    """
    spans: list[Span] = []
    for start, end in _paragraphs(text):
        spans += _sentences(text, start, end, lang)
    return spans


def _paragraphs(text: str) -> Iterator[Span]:
    """Yield the trimmed paragraphs of `text`."""
    start = 0
    for mark in _PARAGRAPH_END.finditer(text):
        yield from _trimmed(text, start, mark.start())
        start = mark.end()
    yield from _trimmed(text, start, len(text))


def _sentences(text: str, start: int, end: int, lang: str) -> list[Span]:
    """Return the sentences of one paragraph.

    What has no letters goes with the next sentence ("1." before an item, "..." before a quotation), or with
    the one before where it is the last.
    """
    spans: list[Span] = []
    lettered, seen = False, start
    for mark in _MARK.finditer(text, start, end):
        lettered = lettered or any(map(str.isalpha, text[seen : mark.start()]))
        seen = mark.end()
        if lettered and seen < end and _ends_sentence(text, mark, end, lang):
            spans += _trimmed(text, start, seen)
            start, lettered = seen, False
    if spans and not lettered and not any(map(str.isalpha, text[seen:end])):
        spans[-1] = (spans[-1][0], end)
    else:
        spans += _trimmed(text, start, end)
    return spans


def _ends_sentence(text: str, mark: re.Match[str], end: int, lang: str) -> bool:
    """Say whether a sentence ends at `mark`, which is not the last thing in its paragraph."""
    at = mark.end()
    if mark["free"]:
        # A quotation goes on within its sentence.
        quoted = at > mark.end("free")
        return not (
            text[at] in "、，,；;" or (quoted and text[at] == "と") or (text[at].isdigit() and text[at - 1] == "．")
        )
    signs = mark["spaced"]
    if not text[at].isspace():
        return signs[-1] in "!?" and "\u3040" <= text[at] <= "\u9fff"
    if ";" in signs and (lang != _QUESTION_IS_SEMICOLON or signs != ";"):
        return False
    first = next((c for c in text[at : min(at + _LOOK, end)] if not c.isspace() and c not in _OPENERS), "")
    if first.islower():
        return False
    if signs != "." or mark.end("spaced") != at:
        return True
    return not _stands_before(text, mark.start(), first, lang)


def _stands_before(text: str, dot: int, first: str, lang: str) -> bool:
    """Say whether the word that ends at `dot` belongs to the one that begins with `first`."""
    found = _WORD.search(text[max(dot - _LOOK, 0) : dot])
    word = found[0] if found else ""
    known = _BEFORE_NAMES_IN.get("nb" if lang in _NORWEGIAN else lang, frozenset())
    if _INITIALS.fullmatch(word) or word in _BEFORE_NAMES or word in known:
        return True
    if first.isdigit():
        return word.casefold() in _BEFORE_NUMBERS
    return lang in _DOTTED_ORDINALS and _ORDINAL.fullmatch(word) is not None


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the span without white space at its ends, or nothing if it is all white space."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end
