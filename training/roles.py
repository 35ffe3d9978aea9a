"""Questions of who did what to whom, each with the sentence that answers it and that sentence's twin, which does not.

The twin has the two names swapped and is otherwise the same, so nothing but the roles tells them apart.
python -m training.roles LANG [COUNT] shows some.
"""

from __future__ import annotations

import csv
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from training.grammar import AGENT, BYSTANDER, PATIENT, Grammar, filled, languages

NAMES = Path(__file__).with_name("names.tsv")
# Their sentences are never trained on: they tell how far what was learnt holds for other verbs.
KEPT_VERBS = ("warn", "overtake", "deceive")
# How often a sentence stands between others, and how often a question is asked in another language.
IN_CONTEXT = 0.4
ABROAD = 0.35
WITHOUT_SPACES = ("ja", "zh")
# How often what stands around it is an ordinary sentence of the news, rather than one of the grammar's.
AMONG_NEWS = 0.6

Ordinary: TypeAlias = Callable[[random.Random, str], str]
"""Draws a sentence of the news in a language."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A question, the sentence that answers it, and the twin that does not."""

    question: str
    sentence: str
    twin: str
    question_language: str
    language: str


@dataclass(frozen=True, slots=True)
class Made(Contrast):
    """One that a grammar made. `template` is the statement's."""

    verb: str
    template: str
    asks: str


class Roles:
    """Makes contrasts out of all grammars, the same ones from the same seed."""

    def __init__(
        self, grammars: Mapping[str, Grammar], names: Sequence[Mapping[str, str]], ordinary: Ordinary | None = None
    ) -> None:
        """Take grammars by language, names as several scripts write them, and where ordinary sentences come from."""
        self.grammars = grammars
        self._abroad = names
        self._ordinary = ordinary

    @classmethod
    def read(cls, ordinary: Ordinary | None = None) -> Roles:
        """Read everything that lies beside this file. Raises GrammarError where a grammar cannot be used."""
        with NAMES.open(encoding="utf-8", newline="") as stream:
            names = list(csv.DictReader(stream, delimiter="\t"))
        return cls({language: Grammar.read(language) for language in languages()}, names, ordinary)

    @cached_property
    def verbs(self) -> list[str]:
        """The verbs that are trained on, in order."""
        known = {verb for grammar in self.grammars.values() for verb in grammar.verbs}
        return sorted(known - set(KEPT_VERBS))

    def contrast(self, draw: random.Random, *, verbs: Sequence[str] = (), alone: bool = False) -> Made:
        """Return one, of these verbs (all trained ones where empty); `alone`: a sentence asked for in its language."""
        language = draw.choice(sorted(self.grammars))
        grammar = self.grammars[language]
        verb = draw.choice([verb for verb in verbs or self.verbs if verb in grammar.verbs])
        asking = language if alone else self._asking(draw, language, verb)
        there, here = self._names(draw, language, asking)
        template = draw.choice(sorted(grammar.statements))
        question = draw.choice(sorted(self.grammars[asking].questions))
        statement = [grammar.statement(template, verb)]
        if not alone:
            statement = self._told(draw, grammar, statement[0], here[2])
        roles = {AGENT: here[0], PATIENT: here[1]}
        swapped = {AGENT: here[1], PATIENT: here[0]}
        space = "" if language in WITHOUT_SPACES else " "
        asked = filled(self.grammars[asking].question(question, verb), {AGENT: there[0], PATIENT: there[1]})
        return Made(
            question=_as_typed(draw, asked),
            sentence=_joined((filled(part, roles) for part in statement), space),
            twin=_joined((filled(part, swapped) for part in statement), space),
            question_language=asking,
            language=language,
            verb=verb,
            template=template,
            asks=question.split("_")[0],
        )

    def _asking(self, draw: random.Random, language: str, verb: str) -> str:
        others = [other for other in sorted(self.grammars) if verb in self.grammars[other].verbs and other != language]
        return draw.choice(others) if others and draw.random() < ABROAD else language

    def _names(self, draw: random.Random, language: str, asking: str) -> tuple[list[str], list[str]]:
        """Return three names as the question writes them, and as the sentence does."""
        if language == asking:
            chosen = draw.sample(self.grammars[language].names, 3)
            return chosen, chosen
        rows = draw.sample(self._abroad, 3)
        return [row.get(asking) or row["en"] for row in rows], [row.get(language) or row["en"] for row in rows]

    def _told(self, draw: random.Random, grammar: Grammar, statement: str, bystander: str) -> list[str]:
        """Return the statement, often with a sentence before it, after it, or both."""
        if draw.random() >= IN_CONTEXT:
            return [statement]
        # A headline stands on a line of its own.
        end = "" if statement[-1] in ".。!！?？" else "\n"
        where = draw.choice(("before", "after", "both"))
        before = [self._beside(draw, grammar, grammar.before, bystander)] if where != "after" else []
        after = [self._beside(draw, grammar, grammar.after, bystander)] if where != "before" else []
        return [*before, statement + end if after else statement, *after]

    def _beside(self, draw: random.Random, grammar: Grammar, own: Sequence[str], bystander: str) -> str:
        if self._ordinary and draw.random() < AMONG_NEWS:
            return self._ordinary(draw, grammar.language)
        return filled(draw.choice(own), {BYSTANDER: bystander})


def _joined(parts: Iterable[str], space: str) -> str:
    return space.join(parts).replace(f"\n{space}", "\n")


def _as_typed(draw: random.Random, question: str) -> str:
    """Return the question as people type it: as it is, without its mark, or in small letters."""
    how = draw.random()
    if how < 1 / 3:
        return question
    bare = question.rstrip(" ?؟？")
    return bare if how < 2 / 3 else bare.lower()


def main() -> None:
    """Show some contrasts of a language."""
    language, *count = sys.argv[1:]
    roles = Roles({language: Grammar.read(language)}, [])
    for number in range(int(count[0]) if count else 20):
        made = roles.contrast(random.Random(number))
        print(
            f"[{made.verb} · {made.template} · {made.asks}]\n  ? {made.question}\n  + {made.sentence}\n  - {made.twin}"
        )


if __name__ == "__main__":
    main()
