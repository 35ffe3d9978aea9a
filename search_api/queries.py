"""What a question must be before it is embedded."""

from __future__ import annotations

import operator
import unicodedata
from enum import StrEnum
from typing import SupportsIndex

from indexer.encoder import SURROGATES
from search_api.errors import QueryError

LONGEST_QUERY = 2_000
MOST_HITS = 1_000
MOST_HITS_SERVED = 100
MOST_PASSAGES = 100
# In one request.
MOST_QUESTIONS = 64
# How many articles a reranker reads unless told otherwise.
RERANK_TOP = 50
# Separators, controls and invisible formatting: a text of nothing else asks nothing.
_SAYS_NOTHING = frozenset({"Zs", "Zl", "Zp", "Cc", "Cf"})


class Format(StrEnum):
    """What an answer can be written as (search_api/formats)."""

    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    BIBTEX = "bibtex"
    RIS = "ris"


def clean_query(query: str, longest: int = LONGEST_QUERY) -> str:
    """Return `query` without control characters (space instead) and lone surrogates (U+FFFD), trimmed.

    Raises QueryError where it is no string, is too long, or holds nothing but white space, control and
    format characters.
    """
    if not isinstance(query, str):
        raise QueryError(f"the query is a {type(query).__name__}", "Give a string")
    if len(query) > longest:
        raise QueryError(
            f"the query has {len(query):,} characters, the limit is {longest:,}",
            "Ask a shorter question",
        )
    cleaned = readable("".join(" " if unicodedata.category(c) == "Cc" else c for c in query)).strip()
    if all(unicodedata.category(c) in _SAYS_NOTHING for c in cleaned):
        raise QueryError("the query is empty", "Ask something, in any language")
    return cleaned


def readable(text: str) -> str:
    """Return `text` with U+FFFD for lone surrogates, which neither SQLite nor a tokenizer nor UTF-8 takes."""
    return SURROGATES.sub("\ufffd", text)


def check_k(k: SupportsIndex, most: int = MOST_HITS) -> int:
    """Return `k` as an int. Raises QueryError where it is none, or not within 1..most."""
    return _within("k", k, most)


def check_passages(count: SupportsIndex) -> int:
    """Return the number of passages wanted of each article. Raises QueryError."""
    return _within("passages_per_article", count, MOST_PASSAGES)


def check_rerank_top(count: SupportsIndex) -> int:
    """Return the number of articles to rerank. Raises QueryError."""
    return _within("rerank_top", count, MOST_HITS)


def _within(name: str, value: SupportsIndex, most: int) -> int:
    remedy = f"Give a whole number from 1 to {most:,}"
    try:
        number = operator.index(value)
    except TypeError:
        raise QueryError(f"{name} is a {type(value).__name__}", remedy) from None
    if not 1 <= number <= most:
        raise QueryError(f"{name} is {number}", remedy)
    return number
