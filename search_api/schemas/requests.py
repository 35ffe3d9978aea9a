"""What a request for hits may say."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from search_api.engine import PASSAGES
from search_api.queries import MOST_HITS_SERVED, MOST_QUESTIONS, Format, readable
from search_api.schemas.examples import OUTLET, QUERY

_MOST_VALUES = 100
_MOST_PASSAGES = 20
_LONGEST_VALUE = 500
_QUESTIONS: list[JsonValue] = [{"q": QUERY, "k": 3}, {"q": "security holes in routers", "lang": ["de", "fr"]}]


def _mended(value: Any) -> Any:
    return readable(value) if isinstance(value, str) else value


# JSON can spell half a surrogate pair, which pydantic refuses with a message about bytes.
Text = Annotated[str, BeforeValidator(_mended)]
Value = Annotated[Text, Field(max_length=_LONGEST_VALUE)]


class Selection(BaseModel):
    """Which articles may answer. An unknown name is refused: a filter that is misspelt must not be ignored."""

    model_config = ConfigDict(extra="forbid")

    lang: list[Value] = Field(
        default=[], max_length=_MOST_VALUES, description="Languages (ISO 639-1), any of them.", examples=[["fr"]]
    )
    source: list[Value] = Field(
        default=[],
        max_length=_MOST_VALUES,
        description="Sources by their exact names, any of them.",
        examples=[[OUTLET]],
    )
    category: list[Value] = Field(
        default=[],
        max_length=_MOST_VALUES,
        description='Categories by their exact names, any of them; "" for none.',
        examples=[["technology"]],
    )
    since: Value | None = Field(None, description="Earliest date of publication, inclusive.", examples=["2012-01-01"])
    until: Value | None = Field(
        None,
        description="Latest date of publication, inclusive; a bare date includes the whole day.",
        examples=["2023-04-30"],
    )
    group: bool = Field(
        True,
        description="All near-copies and translations of a story are one; false: each article is by itself.",
        examples=[True],
    )

    def arguments(self) -> dict[str, Any]:
        """Return them as keyword arguments of SearchEngine."""
        return {
            "lang": self.lang,
            "source": self.source,
            "category": self.category,
            "since": self.since,
            "until": self.until,
            "group": self.group,
        }


class Filters(Selection):
    """Which articles may answer, and how much of them to return."""

    k: int = Field(10, ge=1, le=MOST_HITS_SERVED, description="How many articles to return.", examples=[3])
    passages: int = Field(
        PASSAGES,
        ge=1,
        le=_MOST_PASSAGES,
        description="How many passages of each article to return at most.",
        examples=[1],
    )

    def arguments(self) -> dict[str, Any]:
        """Return them as keyword arguments of SearchEngine."""
        return {**super().arguments(), "k": self.k, "passages_per_article": self.passages}


class SearchRequest(Filters):
    """A question with its filters."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"q": QUERY, "k": 3, "lang": ["fr", "en"]}]})

    explain: bool = Field(False, description="Say of each hit why it stands where it stands.", examples=[True])
    prefer: list[Value] = Field(
        default=["any"],
        max_length=_MOST_VALUES,
        description='Tilt the order toward languages: "any" (none), "query" (that of the question), or codes.',
        examples=[["query"]],
    )
    q: Text = Field(
        description="The question, in any language, of at most 2,000 characters unless the server is set otherwise.",
        examples=[QUERY],
    )

    def arguments(self) -> dict[str, Any]:
        """Return them as keyword arguments of SearchEngine.search."""
        return {**super().arguments(), "prefer": self.prefer, "explain": self.explain}


class SearchQuery(SearchRequest):
    """A question as an address asks it, and what kind of file the answer is to be."""

    format: Format = Field(
        Format.JSON, description="Of the answer: all but json are files for other programs.", examples=["json"]
    )


class BatchRequest(BaseModel):
    """Several questions, each with filters of its own."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"queries": _QUESTIONS}]})

    queries: list[SearchRequest] = Field(
        min_length=1,
        max_length=MOST_QUESTIONS,
        description="Each counts as a request where requests are limited.",
        examples=[_QUESTIONS],
    )
