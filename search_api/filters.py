"""From what a reader gives as filters to what the index can be asked, and what to say when nothing can pass."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence

from corpus.article import parse_date
from indexer.filter import Filter
from indexer.generation import Generation
from search_api.errors import QueryError
from search_api.queries import readable

Date = str | datetime.date
# Follows "T" and every digit, so that it ends a day, or a second, in the order of text.
_AFTER_ALL_OF_IT = "~"
# What to prefer, where it is no language code.
ANY = "any"
QUERY = "query"
_NAMED = 12
_QUOTED = 60


def make_filter(
    lang: str | Sequence[str] = (),
    source: str | Sequence[str] = (),
    since: Date | None = None,
    until: Date | None = None,
    category: str | Sequence[str] = (),
) -> Filter:
    """Return the filter for these wishes; several languages, sources or categories mean any of them.

    `since` and `until` are both inclusive; a bare date as `until` includes the whole day. Articles
    without a date pass only where neither is given. Raises QueryError naming the value it cannot read.
    """
    start, end = _date("since", since), _date("until", until)
    before = None if end is None else end + _AFTER_ALL_OF_IT
    if start is not None and before is not None and start >= before:
        raise QueryError(f"since ({start}) is after until ({end})", "Swap them or leave one out")
    return Filter(
        langs=_each(lang, "lang", _language),
        sources=_each(source, "source", readable),
        since=start,
        before=before,
        categories=_each(category, "category", readable),
    )


def given(wanted: Filter) -> dict[str, object]:
    """Return the wishes that a filter was made of, by their names; those that were not given are left out."""
    wishes: dict[str, object] = {
        "lang": wanted.langs,
        "source": wanted.sources,
        "category": wanted.categories,
        "since": wanted.since,
        "until": wanted.before and wanted.before.removesuffix(_AFTER_ALL_OF_IT),
    }
    return {name: value for name, value in wishes.items() if value}


def make_preference(prefer: str | Sequence[str]) -> frozenset[str]:
    """Return the language codes to prefer, or "query" alone; nothing for "any". Raises QueryError.

    Codes may come one a value or joined by commas.
    """
    listed = [prefer] if isinstance(prefer, str) else list(prefer)
    if not all(isinstance(value, str) for value in listed):
        raise QueryError("prefer holds something that is no string", f"Give {ANY}, {QUERY} or language codes")
    values = [part.strip().lower() for value in listed for part in value.split(",")]
    if QUERY in values or ANY in values:
        if len(set(values)) > 1:
            raise QueryError(f"prefer mixes {ANY} or {QUERY} with others", f"Give {ANY}, {QUERY} or language codes")
        return frozenset(values) - {ANY}
    return frozenset(_each(values, "prefer", _language))


def notes_on(wanted: Filter, generation: Generation) -> list[str]:
    """Return a sentence each for the languages, the sources and the categories that the index has no article of."""
    notes = []
    manifest = generation.manifest
    categories = generation.facts.tally("category") if wanted.categories else {}
    for kind, asked, held in (
        ("language", wanted.langs, manifest.languages),
        ("source", wanted.sources, manifest.sources),
        ("category", wanted.categories, categories),
    ):
        absent = [value for value in asked if value not in held]
        if absent:
            notes.append(f"no article has the {kind} {_names(absent)}; the index holds {_held(held)}")
    return notes


def _each(values: str | Sequence[str], name: str, read: Callable[[str], str]) -> tuple[str, ...]:
    # A string is a sequence of strings too: lang="fr" means French, not "f" or "r".
    listed = [values] if isinstance(values, str) else list(values)
    for value in listed:
        if not isinstance(value, str):
            raise QueryError(f"{name} holds a {type(value).__name__}", "Give strings")
    return tuple(dict.fromkeys(read(value) for value in listed))


def _language(tag: str) -> str:
    # Loads the tables of languages, which a question without this filter does without.
    from corpus.languages import UNDETERMINED, is_known, normalise

    tag = tag.strip().lower()
    code = normalise(tag)
    if code != UNDETERMINED:
        return code
    if is_known(tag):
        return tag
    raise QueryError(
        f"{_quoted(tag)} is no language code",
        "Give ISO 639-1 codes such as fr, each as a value of its own, or und for undetermined",
    )


def _date(name: str, value: Date | None) -> str | None:
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, datetime.date) else value
    try:
        return parse_date(text)
    except (ValueError, TypeError, AttributeError):
        raise QueryError(
            f"{name} is {_quoted(str(text))}, which is no date",
            "Give 2023-04-20 or 2023-04-20T18:30:00Z",
        ) from None


def _names(values: Iterable[str]) -> str:
    return ", ".join(_quoted(value) for value in values)


def _held(held: Mapping[str, int]) -> str:
    names = [name or "(none)" for name in held]
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _quoted(value: str) -> str:
    value = readable(value)
    return repr(value if len(value) <= _QUOTED else value[:_QUOTED] + "…")
