"""One language's ways of saying, and of asking, who did what to whom: `grammar/LANG.toml`.

A file holds names, sentences that may stand `before` and `after`, `statements`, `questions`, and `verbs`: for each verb
the phrases that the templates call by name in braces. {A} did it, {P} had it done to them, {B} is there by chance.
Names are put in as they are, so a template suits every one of them.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

FOLDER = Path(__file__).parent / "grammar"
AGENT, PATIENT, BYSTANDER = "{A}", "{P}", "{B}"
# What a question may name, by what it asks for.
NAMED = {"agent": {PATIENT}, "patient": {AGENT}, "both": {AGENT, PATIENT}}
VOICES = ("active", "passive", "noun")
_SLOT = re.compile(r"\{(\w+)\}")


class GrammarError(ValueError):
    """A grammar file says something that cannot be used; the message lists all of it."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What `grammar/LANG.toml` says. Phrases of verbs are not yet put into the templates."""

    language: str
    names: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    statements: Mapping[str, str]
    questions: Mapping[str, str]
    verbs: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, language: str) -> Grammar:
        """Read the grammar of `language`. Raises GrammarError where it cannot be used."""
        with (FOLDER / f"{language}.toml").open("rb") as stream:
            data = tomllib.load(stream)
        lists = {key: tuple(data.pop(key)) for key in ("names", "before", "after")}
        grammar = cls(**lists, **data)
        faults = list(grammar._faults())
        if faults:
            raise GrammarError(f"{language}.toml:\n" + "\n".join(faults))
        return grammar

    def statement(self, template: str, verb: str) -> str:
        """Return a statement with {A} and {P} in it."""
        return expanded(self.statements[template], self.verbs[verb])

    def question(self, template: str, verb: str) -> str:
        """Return a question with {A}, {P} or both in it."""
        return expanded(self.questions[template], self.verbs[verb])

    def _faults(self) -> Iterator[str]:
        for name, count in Counter(self.names).items():
            if count > 1:
                yield f"the name {name!r} stands there {count} times"
        for template, verb in product(self.statements, self.verbs):
            if template.split("_")[0] not in VOICES:
                yield f"{template}: the voice is none of {', '.join(VOICES)}"
            yield from _slots(f"{verb}, {template}", self.statement(template, verb), {AGENT, PATIENT})
        for template, verb in product(self.questions, self.verbs):
            asked = template.split("_")[0]
            if asked not in NAMED:
                yield f"{template}: asks for none of {', '.join(NAMED)}"
                continue
            yield from _slots(f"{verb}, {template}", self.question(template, verb), NAMED[asked])


def languages() -> list[str]:
    """Return the languages that have a grammar, in order."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def expanded(template: str, phrases: Mapping[str, str]) -> str:
    """Return a template with the phrases of a verb in it."""
    return _SLOT.sub(lambda slot: phrases.get(slot[1], slot[0]), template)


def filled(template: str, names: Mapping[str, str]) -> str:
    """Return a template with names in it, and a capital at its start unless a name stands there."""
    text = template if template.startswith("{") else template[:1].upper() + template[1:]
    for slot, name in names.items():
        text = text.replace(slot, name)
    return text


def _slots(where: str, text: str, wanted: set[str]) -> Iterator[str]:
    found: Sequence[str] = [slot[0] for slot in _SLOT.finditer(text)]
    if sorted(found) != sorted(wanted):
        yield f"{where}: holds {', '.join(found) or 'no name'}, not {', '.join(sorted(wanted))} once each: {text}"
