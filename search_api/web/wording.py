"""The page's own words, in French and English: which of the two a reader gets, and how they are put together."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import format_decimal

LANGUAGES = ("en", "fr")
_DAY = len("2023-04-20")
_MOST_WISHES = 20


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language. Both the template and the scripts take them from the same file."""

    code: str
    words: Mapping[str, str]

    def __call__(self, name: str, **values: object) -> str:
        """Return the words of that name, with {values} put in; with `n`, in the form for that number."""
        number = values.get("n")
        if isinstance(number, int) and f"{name}.one" in self.words:
            # As Intl.PluralRules has it: French counts nothing as one.
            one = number < 2 if self.code == "fr" else number == 1  # noqa: PLR2004
            name = f"{name}.one" if one else f"{name}.other"
            values["n"] = format_decimal(number, locale=self.code)
        said = self.words[name]
        for key, value in values.items():
            said = said.replace(f"{{{key}}}", str(value))
        return said

    def language(self, code: str) -> str:
        """Return what a language is called; the code where nobody knows."""
        if code == "und":
            return self("unknown-language")
        try:
            return str(Locale(self.code).languages.get(code, code))
        except (UnknownLocaleError, ValueError):
            return code

    def day(self, published: str | None) -> str:
        """Return the day of a date in ISO 8601; nothing where there is none."""
        try:
            return format_date(date.fromisoformat((published or "")[:_DAY]), "long", locale=self.code)
        except ValueError:
            return published or ""

    def percent(self, share: float) -> str:
        """Return a probability; it never is more than 99%."""
        return self("percent", value=round(min(share, 0.99) * 100))


@cache
def wording(code: str) -> Wording:
    """Return the words of one of LANGUAGES."""
    file = resources.files("search_api.web") / "words" / f"{code}.json"
    return Wording(code, json.loads(file.read_text(encoding="utf-8")))


def chosen(remembered: str | None, accepted: str) -> str:
    """Return the language for a reader: the one chosen before, or the first of Accept-Language that is there."""
    if remembered in LANGUAGES:
        return remembered
    for tag in _by_wish(accepted):
        code = tag.partition("-")[0].strip().lower()
        if code in LANGUAGES:
            return code
    return LANGUAGES[0]


def _by_wish(accepted: str) -> list[str]:
    wishes: list[tuple[float, str]] = []
    for part in accepted.split(",")[:_MOST_WISHES]:
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.partition("=")[2]) if weight else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            wishes.append((-quality, tag))
    # A stable order: of equal wishes the first counts.
    return [tag for _, tag in sorted(wishes, key=lambda wish: wish[0])]
