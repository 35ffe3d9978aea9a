"""Why a hit scores what it does."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class TransformAnswer(BaseModel):
    """What was taken out of the vectors, so that languages count alike."""

    name: str
    version: int
    question: dict[str, float] = Field(description="Languages that the question looks like, and how much.")
    passage: str = Field(description="The language that the passage is in.")


class PlaceAnswer(BaseModel):
    """How many articles stand behind a hit."""

    grouped: bool = Field(description="Whether near-copies and translations were one hit.")
    articles: int = Field(description="How many articles tell its story: it is the one that scores best.")


class ExplanationAnswer(BaseModel):
    """The parts of the score of a hit's best passage."""

    cosine: float = Field(description="Of question and passage, their languages taken out.")
    words: float = Field(description="What the question's words add.")
    matched: list[str] = Field(description="Those words of the question that the passage has, folded.")
    names: float = Field(description="What the question's rare names add.")
    evenness: float = Field(description="What the best match of the passage's language takes off all of them.")
    prefer: float = Field(description="What the language adds because it was asked for.")
    fused: float = Field(description="The sum of these, by which articles are found.")
    tokens: float = Field(description="What comparing token by token adds.")
    reranker: float | None = Field(description="The score of the reranker, where there is one.")
    score: float = Field(description="That of the hit: fused and tokens, or the reranker's.")
    evidence: float | None = Field(description="How much speaks for an answer; above 0 it counts as one.")
    transform: TransformAnswer | None
    filters: dict[str, Any] = Field(description="Those in force, and how many passages pass them.")
    group: PlaceAnswer
