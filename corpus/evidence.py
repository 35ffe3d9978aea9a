"""What of a text stays the same when it is translated: its numbers, and names in Latin letters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

_READ_AT_MOST: Final = 6_000
# Digits with what joins them: "1 000,50", "3.11.7", "2015-03-12", "10:30", "CVE-2014-0160" (of which the digits).
_NUMBER: Final = re.compile(r"\d+(?:[.,:'’ \-/]\d+)*")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:([.,'’ ])\d{3})(?:\1\d{3})*")
_SPACED: Final = re.compile(r"[ '’:/\-]")
_LATIN: Final = "A-Za-z\u00c0-\u024f\u1e00-\u1eff"
_WORD: Final = re.compile(rf"[{_LATIN}][{_LATIN}\d]*(?:[.\-_+'’/][{_LATIN}\d]+)*")
_JOINT: Final = re.compile(r"[.\-_+'’/]")
_FEWEST_LETTERS: Final = 3
_MOST_DIGITS: Final = 18
_HALF: Final = 0.5


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of `text`, whatever digits they are written in and however their thousands are parted.

    "1,000" and "1 000" are 1000, "2,5" is 2.5; a date or a time is its parts, a version stays whole: "3.11.7".
    """
    found: set[str] = set()
    for match in _NUMBER.finditer(_plain(text)):
        for part in [match[0]] if _THOUSANDS.fullmatch(match[0]) else _SPACED.split(match[0]):
            found.add(_number(part))
    return frozenset(found - {""})


def names(text: str) -> frozenset[str]:
    """Return the words of `text` that look like names, without accents and case; joined ones also in parts.

    In Latin writing a capital, a digit or a joint makes a name; in another every Latin word is one.
    """
    plain = _plain(text)
    words = _WORD.findall(plain)
    foreign = sum(map(len, words)) < _HALF * sum(map(str.isalpha, plain))
    found: set[str] = set()
    for word in words:
        if len(word) > 1 and (foreign or not word.islower() or not word.isalpha()):
            found.update(_name(word))
    return frozenset(found)


@lru_cache(maxsize=1 << 16)
def _name(word: str) -> tuple[str, ...]:
    folded = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(c))
    return folded, *(part for part in _JOINT.split(folded) if len(part) >= _FEWEST_LETTERS)


def _number(written: str) -> str:
    if _THOUSANDS.fullmatch(written):
        written = re.sub(r"\D", "", written)
    parts = written.replace(",", ".").split(".")
    return ".".join(str(int(part[:_MOST_DIGITS])) for part in parts if part)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_READ_AT_MOST])
