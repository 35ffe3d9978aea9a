"""Names in titles: words in a row with capitals that come again in the titles of other stories.

Nothing here knows names. A capital says little at the beginning of a title, in German, or where most words of a title
have one; a word that is written small as often is none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_FEWEST_STORIES: Final = 3
_MOST_WORDS: Final = 4
_FEWEST_LETTERS: Final = 2
# Where this share of the longer words has a capital, all have one.
_TITLE_CASE: Final = 0.7
_LONGER: Final = 4
_FEW: Final = 3
# Written with a capital whatever they mean.
_CAPITALS_FOR_NOUNS: Final = frozenset({"de", "lb"})
_EDGES: Final = "\"'“”„«»‹›()[]{}<>:,;.!?…–—-¿¡、。「」『』"
_ELIDED: Final = re.compile(r"\A(?:[dlnst]|qu|[ds]?[ae]ll)['’](?=\w)", re.IGNORECASE)
_POSSESSIVE: Final = re.compile(r"['’]s?\Z")


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it was first written, and how many titles hold it."""

    text: str
    count: int


@dataclass(slots=True)
class _Seen:
    text: str
    titles: int = 0
    stories: int = 0
    story: int = -1


def names_in(titles: Iterable[tuple[str, str, int]]) -> list[Name]:
    """Return the names in titles, each given with its language and its story; titles of a story one after another.

    A part of a longer name that never stands without it is left out.
    """
    small: Counter[str] = Counter()
    seen: dict[str, _Seen] = {}
    for title, lang, story in titles:
        words = title.split()
        small.update(word.strip(_EDGES) for word in words if word.islower())
        if lang in _CAPITALS_FOR_NOUNS or _all_capitals(words):
            continue
        for key, written in {" ".join(part).casefold(): part for part in _parts(words)}.items():
            found = seen.setdefault(key, _Seen(" ".join(written)))
            found.titles += 1
            found.stories += story != found.story
            found.story = story
    recurring = {key: found for key, found in seen.items() if found.stories >= _FEWEST_STORIES}
    whole = _without_fragments(recurring)
    return [Name(recurring[key].text, recurring[key].titles) for key in whole if small[key] < recurring[key].titles]


def _all_capitals(words: list[str]) -> bool:
    longer = [word for word in words[1:] if len(word) >= _LONGER]
    return len(longer) >= _FEW and sum(word[0].isupper() for word in longer) > _TITLE_CASE * len(longer)


def _parts(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Yield every run of up to four words with capitals, and every part of one."""
    for run, first in _runs(words):
        for start in range(len(run)):
            for end in range(start + 1, min(start + _MOST_WORDS, len(run)) + 1):
                # The first word of a title, by itself, has its capital for that.
                if not (first and start == 0 and end == 1):
                    yield tuple(run[start:end])


def _runs(words: list[str]) -> Iterator[tuple[list[str], bool]]:
    """Yield words in a row with capitals that no mark parts, and whether they begin the title."""
    run: list[str] = []
    first = True
    for place, word in enumerate(words):
        bare = word.strip(_EDGES)
        core = _POSSESSIVE.sub("", _ELIDED.sub("", bare))
        capital = len(core) >= _FEWEST_LETTERS and core[0].isupper()
        if run and (not capital or not word.startswith(core)):
            yield run, first
            run = []
        if not capital:
            continue
        first = first and place == 0 if not run else first
        run.append(core)
        if not word.endswith(core):
            yield run, first
            run = []
    if run:
        yield run, first


def _without_fragments(seen: dict[str, _Seen]) -> Iterator[str]:
    fragments = set()
    for key, found in seen.items():
        words = key.split(" ")
        for part in (" ".join(words[:-1]), " ".join(words[1:])):
            if part in seen and seen[part].titles == found.titles:
                fragments.add(part)
    return (key for key in seen if key not in fragments)
