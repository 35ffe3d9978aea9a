"""Cuts an article into passages: whole sentences up to a token budget, with offsets into its text."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus import sentences
from corpus.article import Article

TokenCounter = Callable[[Sequence[str]], list[int]]
"""Tokens of each text, without prompt and special tokens."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Passage:
    """Some neighbouring sentences. `start`, `end` and `sentences` are code points in the article's text."""

    id: str
    article_id: str
    ordinal: int
    start: int
    end: int
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class PassageRules:
    """How long passages are, in tokens: `budget` is what is aimed at, `limit` what is never exceeded."""

    budget: int = 120
    limit: int = 400


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    tokens: int
    opens_paragraph: bool


def cut(
    article: Article, count_tokens: TokenCounter, rules: PassageRules, left_out: Sequence[Span] = ()
) -> tuple[list[Passage], int]:
    """Return the article's passages and how many of its sentences were longer than the limit.

    Sentences are gathered until the next would exceed the budget; a passage at least half full ends
    where its paragraph does. A sentence longer than the limit is split between words. Every character
    but white space and what lies in `left_out` (spans of paragraphs, in order) lies in exactly one passage.
    """
    pieces, too_long = _pieces(article, count_tokens, rules.limit, left_out)
    groups = [
        part
        for group in _groups(article.text, pieces, min(rules.budget, rules.limit))
        for part in _fitting(article.text, group, count_tokens, rules.limit)
    ]
    return [_passage(article, ordinal, group) for ordinal, group in enumerate(groups)], too_long


def uncovered(text: str, covered: Iterable[Span]) -> list[Span]:
    """Return what lies between the spans of `covered`, which are in order, without white space around it."""
    gaps: list[Span] = []
    last_end = 0
    for start, end in (*covered, (len(text), len(text))):
        gap = _trimmed(text, last_end, start)
        gaps += [gap] if gap else []
        last_end = end
    return gaps


def passage_id(article_id: str, ordinal: int, start: int, end: int, text: str) -> str:
    """Return an id that stays the same across builds while the passage does."""
    facts = f"{article_id}\0{ordinal}\0{start}\0{end}\0{text}"
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:20]


def _passage(article: Article, ordinal: int, group: Sequence[_Piece]) -> Passage:
    start, end = group[0].start, group[-1].end
    text = article.text[start:end]
    return Passage(
        id=passage_id(article.id, ordinal, start, end, text),
        article_id=article.id,
        ordinal=ordinal,
        start=start,
        end=end,
        text=text,
        sentences=tuple((piece.start, piece.end) for piece in group),
    )


def _pieces(
    article: Article, count_tokens: TokenCounter, limit: int, left_out: Sequence[Span]
) -> tuple[list[_Piece], int]:
    text = article.text
    spans = [
        (first + start, first + end)
        for first, last in uncovered(text, left_out)
        for start, end in sentences.split(text[first:last], article.lang)
    ]
    counts = count_tokens([text[start:end] for start, end in spans])
    pieces: list[_Piece] = []
    too_long = 0
    last_end = 0
    for (start, end), tokens in zip(spans, counts, strict=True):
        opens = "\n" in text[last_end:start]
        last_end = end
        if tokens <= limit:
            pieces.append(_Piece(start, end, tokens, opens))
            continue
        too_long += 1
        pieces.extend(_split(text, start, end, count_tokens, limit))
    return pieces, too_long


def _split(text: str, start: int, end: int, count_tokens: TokenCounter, limit: int) -> Iterator[_Piece]:
    """Halve text[start:end] between words until each part fits."""
    waiting = [(start, end)]
    while waiting:
        start, end = waiting.pop()
        tokens = count_tokens([text[start:end]])[0]
        if tokens <= limit or end - start <= 1:
            yield _Piece(start, end, tokens, opens_paragraph=False)
            continue
        middle = _near_middle(text, start, end)
        waiting += [span for span in (_trimmed(text, middle, end), _trimmed(text, start, middle)) if span]


def _near_middle(text: str, start: int, end: int) -> int:
    middle = (start + end) // 2
    for reach in range((end - start) // 4):
        for place in (middle - reach, middle + reach):
            if text[place].isspace():
                return place
    # No word ends near: anywhere but before a mark that belongs to the character before it.
    while middle > start + 1 and unicodedata.combining(text[middle]):
        middle -= 1
    return middle


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _groups(text: str, pieces: Iterable[_Piece], budget: int) -> Iterator[list[_Piece]]:
    group: list[_Piece] = []
    tokens = 0
    for piece in pieces:
        over = tokens + piece.tokens > budget
        well_filled = piece.opens_paragraph and 2 * tokens >= budget
        # A passage is one stretch of text: it cannot reach over what is left out.
        if group and (over or well_filled or _trimmed(text, group[-1].end, piece.start)):
            yield group
            group, tokens = [], 0
        group.append(piece)
        tokens += piece.tokens
    if group:
        yield group


def _fitting(text: str, group: list[_Piece], count_tokens: TokenCounter, limit: int) -> Iterator[list[_Piece]]:
    # Tokens of joined sentences may be a few more than the sum of theirs where nothing stands between them.
    close = 5 * sum(piece.tokens for piece in group) > 4 * limit
    if len(group) > 1 and close and count_tokens([text[group[0].start : group[-1].end]])[0] > limit:
        half = len(group) // 2
        yield from _fitting(text, group[:half], count_tokens, limit)
        yield from _fitting(text, group[half:], count_tokens, limit)
    else:
        yield group
