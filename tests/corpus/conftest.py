"""A website on this machine, and a clock that is turned by hand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.website import TurnedClock, Website


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as opened:
        yield opened


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()
