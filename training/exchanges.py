"""Contrasts out of the news itself: a sentence with two names, and the same with both exchanged.

They bring the many verbs and the long sentences that no grammar holds. Nobody has asked about them, so what stands for
the question is the sentence of another language's telling that names the same two, or a piece of the sentence itself.
python -m training.exchanges shows some.
"""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from training.news import News, sentences_of
from training.roles import IN_CONTEXT, Contrast

# Words with capital letters, one behind the other; no part of an address or a path.
_NAME = re.compile(r"(?<![\w./@-])[A-Z]\w{2,}(?:[ -][A-Z]\w+)*(?![\w@/])")
_SMALL = re.compile(r"(?<![\w./@-])[a-z]\w{2,}")
# A name is written alike in so many languages, and more often than the same word in small letters.
LANGUAGES = 3
# How many names a sentence holds.
NAMED = 2
# In code points. Names that stand side by side are mostly of a list, where it says the same to exchange them.
APART = 12
LENGTH = (40, 300)
# A language with fewer such sentences would have them learnt by heart.
FEWEST = 40
# How often the question is in another language, and how far a piece goes beyond its names, in code points.
ABROAD = 0.5
BEYOND = 20


@dataclass(frozen=True, slots=True)
class Named:
    """A sentence of `passage` that holds two names, and no third."""

    language: str
    sentence: str
    passage: str
    names: frozenset[str]


class Exchanges:
    """Makes contrasts out of texts of their own language, and out of stories told in several."""

    def __init__(self, own: Mapping[str, Sequence[Named]], told: Sequence[Sequence[Named]]) -> None:
        """Take sentences by language, and groups of sentences of one story that name the same two."""
        self._told = told
        self._own = {language: named for language, named in sorted(own.items()) if len(named) >= FEWEST}

    @classmethod
    def read(cls, news: News) -> Exchanges:
        """Look for names in the texts of the news, and for sentences that hold two of them."""
        names = _names(news)
        own = {
            language: [named for text in texts for named in _named(language, text, names)]
            for language, texts in news.texts.items()
        }
        told = []
        for story in chain.from_iterable(news.issues):
            groups = defaultdict(list)
            for telling in story.tellings:
                for text in (telling.title, *telling.passages):
                    for named in _named(telling.language, text, names):
                        groups[named.names].append(named)
            told += [group for group in groups.values() if len({named.language for named in group}) > 1]
        return cls(own, told)

    def contrast(self, draw: random.Random) -> Contrast:
        """Return one."""
        if draw.random() < ABROAD:
            group = draw.choice(self._told)
            told = draw.choice(group)
            asked = draw.choice([named for named in group if named.language != told.language])
            question = asked.sentence
        else:
            told = asked = draw.choice(self._own[draw.choice(list(self._own))])
            question = self._piece(draw, told)
        text = told.passage if draw.random() < IN_CONTEXT else told.sentence
        return Contrast(question, text, exchanged(text, told.names), asked.language, told.language)

    def _piece(self, draw: random.Random, named: Named) -> str:
        """Return the part of a sentence that holds both names, and a little around it."""
        spans = [found.span() for found in _NAME.finditer(named.sentence) if found[0] in named.names]
        start = max(spans[0][0] - draw.randint(0, BEYOND), 0)
        return named.sentence[start : spans[-1][1] + draw.randint(0, BEYOND)]


def exchanged(text: str, names: frozenset[str]) -> str:
    """Return a text with each of two names where the other stood."""
    first, second = sorted(names)
    other = {first: second, second: first}
    return _NAME.sub(lambda found: other.get(found[0], found[0]), text)


def _named(language: str, text: str, names: frozenset[str]) -> Iterator[Named]:
    for sentence in sentences_of(text, language):
        if not LENGTH[0] <= len(sentence) <= LENGTH[1] or sentence.startswith(("-", "*", "•")):
            continue
        found = [match for match in _NAME.finditer(sentence) if match[0] in names]
        held = {match[0] for match in found}
        near = any(after.start() - before.end() < APART for before, after in pairwise(found))
        if len(held) == NAMED and not near:
            yield Named(language, sentence, text, frozenset(held))


def _names(news: News) -> frozenset[str]:
    written, capital, small = defaultdict(set), Counter[str](), Counter[str]()
    for language, texts in news.texts.items():
        for text in texts:
            # A capital letter at the start says nothing.
            found = [match[0] for match in _NAME.finditer(text, 1)]
            capital.update(found)
            small.update(_SMALL.findall(text))
            for name in found:
                written[name].add(language)
    return frozenset(
        name
        for name, languages in written.items()
        if len(languages) >= LANGUAGES and capital[name] > small[name.lower()]
    )


def main() -> None:
    """Show some contrasts."""
    exchanges = Exchanges.read(News.read(lambda texts: [len(text) // 4 for text in texts]))
    for number in range(20):
        made = exchanges.contrast(random.Random(number))
        print(f"[{made.question_language} {made.language}]\n  ? {made.question}\n  + {made.sentence}\n  - {made.twin}")


if __name__ == "__main__":
    main()
