"""What is embedded for a passage: the title of its article, then its text."""

from __future__ import annotations

from corpus.passages import PassageRules, TokenCounter
from indexer.encoder import Encoder, EncoderError

TITLE_TOKENS = 64
SPECIAL_TOKENS = 2
# The line break between title and text, and a word that falls apart differently beside another.
SLACK = 4
LEAST_ROOM = 16


def rules_for(encoder: Encoder, budget: int, *, with_title: bool) -> PassageRules:
    """Return how long passages may be so that nothing the encoder is given is cut off.

    Raises EncoderError where its window is too small to hold any text.
    """
    prompt = encoder.count_tokens([encoder.spec.passage_prompt])[0]
    room = encoder.spec.max_tokens - SPECIAL_TOKENS - SLACK - prompt
    room -= title_room(encoder) if with_title else 0
    if room < LEAST_ROOM:
        raise EncoderError(
            f"the model {encoder.spec.model!r} sees {encoder.spec.max_tokens} tokens, too few for a passage",
            "Choose a model with a longer window",
        )
    return PassageRules(budget=budget, limit=room)


def title_room(encoder: Encoder) -> int:
    """Return how many tokens a title may take: at most a quarter of what the encoder sees."""
    return min(TITLE_TOKENS, encoder.spec.max_tokens // 4)


def shortened(title: str, count_tokens: TokenCounter, limit: int) -> str:
    """Return as many whole words of `title`, on one line, as fit into `limit` tokens."""
    # A token is at least one code point, and a word at least one token.
    words = title[: 40 * limit].split()[:limit]
    while words and count_tokens([" ".join(words)])[0] > limit:
        words.pop()
    return " ".join(words)


def embedded_title(encoder: Encoder, title: str) -> str:
    """Return what of an article's title stands before the text of each of its passages."""
    return shortened(title, encoder.count_tokens, title_room(encoder))


def embedded_text(title: str, text: str) -> str:
    """Return what the encoder is given for a passage, without its prompt."""
    return f"{title}\n{text}" if title else text
