"""What may be found, as a filter that Milvus evaluates. Foreign text comes in as a string literal, and stays one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from indexer.filter import Allowed, Filter

# Milvus refuses a string of more than 65,535 bytes; and what is escaped takes up to twice as many.
LONGEST = 30_000
# All that both the server's grammar and that of milvus-lite need to have escaped (a raw line end is an error to both).
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"})


def stored(text: str) -> str:
    """Return a text as it is kept in Milvus and looked for there: as it is, unless it is too long or no Unicode."""
    encoded = text.encode("utf-8", "replace")
    return encoded.decode() if len(encoded) <= LONGEST else f"sha256 {hashlib.sha256(encoded).hexdigest()}"


def literal(text: str) -> str:
    """Return a string literal that stands for what is stored of `text`."""
    return f'"{stored(text).translate(_ESCAPES)}"'


def expression(allowed: Allowed) -> str:
    """Return the filter that passes what is allowed; an empty one passes all."""
    if allowed.wanted is None:
        return among("row", allowed.rows.tolist())
    conditions = list(_conditions(allowed.wanted))
    if allowed.without:
        conditions.append(f"not ({among('article', allowed.without)})")
    return " and ".join(conditions)


def among(field: str, numbers: Iterable[int]) -> str:
    """Return the condition that an integer field has one of some values."""
    return f"{field} in [{', '.join(str(int(number)) for number in numbers)}]"


def _conditions(wanted: Filter) -> Iterable[str]:
    for field, values in (("lang", wanted.langs), ("source", wanted.sources), ("category", wanted.categories)):
        if values:
            yield f"{field} in [{', '.join(map(literal, values))}]"
    if wanted.since is not None or wanted.before is not None:
        # An article without a date has an empty one, and passes neither bound.
        yield 'published != ""'
    if wanted.since is not None:
        yield f"published >= {literal(wanted.since)}"
    if wanted.before is not None:
        yield f"published < {literal(wanted.before)}"
