"""Text from anywhere, made fit for a terminal."""

from __future__ import annotations

import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

# Bidi marks, embeddings, overrides and isolates: they can make a line read as something else.
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_CONTROL = "\x00-\x1f\x7f-\x9f"
_BREAKS = re.compile(r"[\s\x85\u2028\u2029]+")
_UNFIT = re.compile(f"[{_CONTROL}{_BIDI}]")
_ESCAPED = re.compile(f"[\x7f-\x9f{_BIDI}\u2028\u2029\ud800-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NARROWEST = 20
_BOLD, _ORDINARY = "\x1b[1m", "\x1b[0m"


def plain(text: str) -> str:
    """Return `text` on one line, without control and bidi characters."""
    return _SURROGATE.sub("\ufffd", _UNFIT.sub("", _BREAKS.sub(" ", text))).strip()


def json_text(data: Any) -> str:
    r"""Return `data` as JSON in which what could steer a terminal is spelt \uXXXX: the same data, parsed."""
    text = json.dumps(data, ensure_ascii=not takes_unicode(), indent=2)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def wrapped(text: str, width: int, indent: str = "", bold: tuple[int, int] = (0, 0)) -> str:
    """Return `text`, made plain, in lines of at most `width` columns, each behind `indent`.

    Wide characters count twice; a word longer than a line (all of a Chinese sentence is one) is cut. The part
    text[bold[0]:bold[1]] is put in bold.
    """
    room = max(width - columns(indent), _NARROWEST)
    lines = _lines(plain(text), room)
    start, end = bold
    if start < end:
        lines = _emboldened(lines, _printed(text[:start]), _printed(text[:end]))
    return "\n".join(indent + line for line in lines)


def takes_bold() -> bool:
    """Say whether stdout is a terminal that may be sent colours and the like: see https://no-color.org."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def takes_unicode() -> bool:
    """Say whether stdout is written as UTF-8."""
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def columns(text: str) -> int:
    """Return how many columns of a terminal `text` fills."""
    return sum(_columns(character) for character in text)


def make_printable() -> None:
    """Let the standard streams print "?" rather than fail where their encoding lacks a character."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


def _lines(text: str, room: int) -> Iterator[str]:
    line, filled = "", 0
    for word in text.split(" "):
        for piece in _pieces(word, room):
            wide = columns(piece)
            if line and filled + 1 + wide > room:
                yield line
                line, filled = piece, wide
            else:
                line, filled = (f"{line} {piece}", filled + 1 + wide) if line else (piece, wide)
    yield line


def _printed(text: str) -> int:
    """Count the characters but spaces that `text` has once it is plain: wrapping moves nothing but spaces."""
    return len(plain(text).replace(" ", ""))


def _emboldened(lines: Iterable[str], start: int, end: int) -> Iterator[str]:
    """Put the characters from number `start` to `end` in bold, spaces not counted, each line's by themselves."""
    for line in lines:
        places = [place for place, character in enumerate(line) if character != " "]
        own = places[max(start, 0) : max(end, 0)]
        start, end = start - len(places), end - len(places)
        if own:
            first, last = own[0], own[-1] + 1
            yield line[:first] + _BOLD + line[first:last] + _ORDINARY + line[last:]
        else:
            yield line


def _pieces(word: str, room: int) -> Iterator[str]:
    start = filled = 0
    for place, character in enumerate(word):
        wide = _columns(character)
        if filled + wide > room:
            yield word[start:place]
            start, filled = place, 0
        filled += wide
    yield word[start:]


def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
