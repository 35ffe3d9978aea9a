"""What of a text can be looked for by its letters: words, prefixes, names, numbers, in every script.

Nothing here asks for a language: two words of a question do not show theirs. A word gives several terms, so
that a question finds it in other forms: without its accents, by its first letters (which stands in for a
stemmer, and finds the first part of a compound), by the parts of a name such as "apt-listchanges", by the version
that it is a version of ("2.6" of "2.6.18-4").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final, TypeAlias

# Scripts written without spaces, and Korean, whose words carry their particles: cut into pairs of characters.
DENSE: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
)
# Vowels and accents written as marks, which \w leaves out: Arabic, Hebrew, Indic and decomposed letters.
_MARKS: Final = "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_LETTERS: Final = rf"[^\W_{DENSE}](?:[^\W_{DENSE}]|[{_MARKS}])*+"
_WORD: Final = re.compile(rf"(?P<dense>[{DENSE}]++)|{_LETTERS}(?:[.\-_+'’:/]{_LETTERS})*+(?:\+\+|#)?")
_JOINTS: Final = re.compile(r"[.\-_+'’:/]")
# French, Italian and Catalan: what an apostrophe joins to the next word.
_ELIDED: Final = re.compile(r"(?i:[ldjmnstc]|qu|jusqu|lorsqu|puisqu|quoiqu|(?:d|n|s|a)?[ae]ll|sull|un)['’](?=\w)")
# French pronouns that a hyphen joins to their verb in a question: "sait-on", "menace-t-il".
_INVERTED: Final = re.compile(r"(?<=[^\W\d_])-(?:t-)?(?:on|ils?|elles?|je|tu|nous|vous|ce)\Z")
_ARABIC_ARTICLE: Final = "ال"
PREFIX: Final = 5
_LONGEST: Final = 64
# A number of so many digits may be a year.
YEAR: Final = 4
# Two numbers may as well be an amount, which other languages join otherwise.
_OF_VERSION: Final = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text. `terms`: its forms, the whole word first; `parts`: of a name with joints, its words.

    `name` says that it looks like a name for one thing: it has joints, or letters and digits together.
    """

    terms: tuple[str, ...]
    parts: tuple[Word, ...] = ()
    name: bool = False

    @property
    def numbered(self) -> bool:
        """Whether it is a name with digits in it: a version, a code, a product."""
        return self.name and any(map(str.isdigit, self.terms[0]))

    @property
    def number(self) -> bool:
        """Whether it is made of digits alone, joined or not."""
        return all(map(str.isdigit, _JOINTS.split(self.terms[0])))

    @property
    def version(self) -> bool:
        """Whether it is numbers, three or more and none as long as a year, which only ever stand joined like that."""
        numbers = [part.terms[0] for part in self.parts]
        return len(numbers) >= _OF_VERSION and all(number.isdigit() and len(number) < YEAR for number in numbers)


_Written: TypeAlias = tuple[Word, re.Match[str]]


def words(text: str) -> Iterator[Word]:
    """Yield the words of `text` in their order. Takes linear time, never raises."""
    for word, _ in _words(text):
        yield word


def written(text: str) -> Iterator[tuple[Word, str]]:
    """Yield the words of `text` with how they stand there, without what an apostrophe joins to them."""
    for word, match in _words(text):
        yield word, _ELIDED.sub("", match[0], count=1)


def pairs(text: str) -> Iterator[str]:
    """Yield terms for two words in a row that look like a name in running text.

    Both begin with a capital letter, as a person's name does, or a number stands behind one with a capital letter, as
    behind a product's. A version gives one more for each version that it is a version of.
    """
    for (first, one), (second, two) in _side_by_side(text):
        if any(map(str.isupper, one[0])) and second.number:
            yield from (f"{first.terms[0]} {form}" for form in second.terms)
        elif one[0][0].isupper() and two[0][0].isupper():
            yield f"{first.terms[0]} {second.terms[0]}"


def asked_pairs(query: str) -> Iterator[tuple[Word, Word, str]]:
    """Yield any two words in a row of a question, which nobody need write in capitals, with their term."""
    for (first, _), (second, _) in _side_by_side(query):
        yield first, second, f"{first.terms[0]} {second.terms[0]}"


def _side_by_side(text: str) -> Iterator[tuple[_Written, _Written]]:
    """Yield words in a row that a space parts; the second may be a version, and else neither has joints."""
    for before, after in pairwise(_words(text)):
        (first, one), (second, two) = before, after
        simple = not first.parts and (not second.parts or second.number)
        if simple and one["dense"] is two["dense"] is None and one.string[one.end() : two.start()] == " ":
            yield before, after


def _words(text: str) -> Iterator[_Written]:
    for match in _WORD.finditer(unicodedata.normalize("NFKC", text)):
        if match["dense"] is None:
            yield _word(match[0][:_LONGEST]), match
            continue
        run = match[0]
        for start in range(max(len(run) - 1, 1)):
            yield Word((run[start : start + 2],)), match


@lru_cache(maxsize=1 << 16)
def _word(written: str) -> Word:
    lowered = _INVERTED.sub("", _ELIDED.sub("", written.casefold(), count=1))
    parts = [part for part in _JOINTS.split(lowered) if part]
    if len(parts) > 1:
        whole = _folded(lowered) or lowered
        return Word((whole, *_wider(whole, parts)), tuple(_simple(part) for part in parts), name=True)
    return _simple(lowered)


def _wider(whole: str, parts: Sequence[str]) -> Iterator[str]:
    """Yield what a version is a version of, "2.6.18" and "2.6" for "2.6.18-4"."""
    if all(map(str.isdigit, parts)):
        ends = [joint.start() for joint in _JOINTS.finditer(whole)]
        yield from (whole[:end] for end in reversed(ends[1:]))


def _simple(word: str) -> Word:
    plain = _folded(word) or word
    terms = [plain]
    if plain != word:
        terms.append(f"={word}")
    digits = any(map(str.isdigit, plain))
    if plain.startswith(_ARABIC_ARTICLE) and len(plain) > len(_ARABIC_ARTICLE) + 2:
        plain = plain.removeprefix(_ARABIC_ARTICLE)
        terms.append(plain)
    if len(plain) > PREFIX and not digits:
        terms.append(f"{plain[:PREFIX]}*")
    return Word(tuple(terms), name=digits and not plain.isdigit())


def _folded(word: str) -> str:
    """Return `word` without marks over and under its letters."""
    if word.isascii():
        return word
    return "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
