"""Paragraphs of a text, and what two of them must share to count as the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from corpus import further_reading

SHORT: Final = 60
"""Code points below which a paragraph may be a heading, a row or a reply."""

_LINE: Final = re.compile(r"[^\n\r\u2029]+")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+")
# Month names are not known: a day, a word and a year will do, in either order.
_DATE: Final = re.compile(
    r"\b(?:\d{4}([-./])\d{1,2}\1\d{1,2}|\d{1,2}([-./])\d{1,2}\2\d{4}|\d{1,2}[:h]\d{2}(?::\d{2})?"
    r"|\d{1,2}\.? (?:de )?[^\W\d_]{3,12}\.? (?:de )?(?:19|20)\d{2}|[^\W\d_]{3,12}\.? \d{1,2}, (?:19|20)\d{2})\b"
    r"|\d{4} ?[年년] ?\d{1,2} ?[月월] ?\d{1,2} ?[日일]"
)
_RIGHTS: Final = re.compile(r"©|\bcopyright\b|\(c\)")
_NUMBER: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What stands between two line ends, without white space around it. `start` and `end` are code points.

    `same` is equal for two that differ only in letter case, white space, links, dates and times, and for two that begin
    with the same words to announce another article (`announces`). Other numbers tell releases apart, so they count.
    """

    start: int
    end: int
    size: int
    same: str
    announces: bool

    @property
    def is_short(self) -> bool:
        """Return whether it may be a heading, a row or a reply; the length of links and dates says nothing."""
        return len(self.same) < SHORT

    @property
    def is_row(self) -> bool:
        """Return whether it is short and holds a number that is neither a date nor part of a link."""
        return self.is_short and any(map(str.isdigit, self.same))

    @property
    def says_something(self) -> bool:
        """Return whether it holds a letter beside its links."""
        return any(map(str.isalpha, self.same))


def paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of `text`; `size` counts code points but white space."""
    for line in _LINE.finditer(text):
        stripped = line[0].strip()
        if stripped:
            start = line.start() + line[0].index(stripped[0])
            words = stripped.split()
            opening = further_reading.opening(stripped)
            yield Paragraph(
                start,
                start + len(stripped),
                sum(map(len, words)),
                opening or _same(" ".join(words)),
                opening is not None,
            )


def _same(text: str) -> str:
    text = _LINK.sub("@", text.casefold())
    if not _NUMBER.search(text):
        return text
    return (_NUMBER if _RIGHTS.search(text) else _DATE).sub("@", text)
