"""A fetcher for a server on this machine, and what it fails with."""

from __future__ import annotations

import pytest

from corpus.fetching import Fetcher, FetchError, FetchOptions
from tests.website import TurnedClock

LIMIT = 100_000


def patient(clock: TurnedClock, **changed: object) -> Fetcher:
    options = {"allow_private": True, "max_bytes": LIMIT, "read_timeout": 5.0} | changed
    return Fetcher(FetchOptions(**options), clock=clock)  # type: ignore[arg-type]  # options by name


def error_of(fetcher: Fetcher, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(url)
    return caught.value
