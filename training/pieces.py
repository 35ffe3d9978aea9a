"""Pieces of ordinary text that stand for the questions of a reader, as nobody has written questions to it."""

from __future__ import annotations

import random
from collections.abc import Mapping

# In code points: how long a piece is.
LENGTH = (15, 80)
# How often a piece is put as a question, where its language has words for that.
AS_QUESTION = 0.6
QUESTION_WORDS: Mapping[str, tuple[str, ...]] = {
    "ar": ("ما", "متى", "أين", "كم", "لماذا", "كيف"),
    "cs": ("co", "kdy", "kde", "kolik", "proč", "který"),
    "da": ("hvad", "hvornår", "hvor", "hvor mange", "hvorfor", "hvilken"),
    "de": ("was", "wann", "wo", "wie viele", "warum", "welche"),
    "en": ("what", "when", "where", "how many", "why", "which"),
    "es": ("qué", "cuándo", "dónde", "cuántos", "por qué", "cuál"),
    "fr": ("que", "quand", "où", "combien de", "pourquoi", "quel"),
    "it": ("che cosa", "quando", "dove", "quanti", "perché", "quale"),
    "ja": ("何", "いつ", "どこ", "いくつ", "なぜ", "どの"),
    "ko": ("무엇", "언제", "어디", "얼마나", "왜", "어떤"),
    "nl": ("wat", "wanneer", "waar", "hoeveel", "waarom", "welke"),
    "pl": ("co", "kiedy", "gdzie", "ile", "dlaczego", "który"),
    "pt": ("o que", "quando", "onde", "quantos", "por que", "qual"),
    "ru": ("что", "когда", "где", "сколько", "почему", "какой"),
    "sv": ("vad", "när", "var", "hur många", "varför", "vilken"),
    "tr": ("ne", "ne zaman", "nerede", "kaç", "neden", "hangi"),
    "zh": ("什么", "什么时候", "哪里", "多少", "为什么", "哪个"),
}


def piece(draw: random.Random, text: str, language: str) -> str:
    """Return a piece of a text, often behind a question word of its language and before a question mark."""
    length = draw.randint(*LENGTH)
    start = draw.randrange(max(len(text) - length, 0) + 1)
    found = text[start : start + length]
    words = QUESTION_WORDS.get(language)
    if words is None or draw.random() >= AS_QUESTION:
        return found
    return f"{draw.choice(words)} {found.strip()}?"
