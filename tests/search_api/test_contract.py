"""The OpenAPI document, against the application: whatever it allows is answered as it says, and nothing is a 500."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings

from search_api import SearchEngine
from search_api.app import create_app

EXAMPLES = 25


@pytest.fixture(scope="module")
def contract(engine: SearchEngine) -> Iterator[schemathesis.BaseSchema]:
    """Return the document of a running application."""
    app = create_app(engine)
    with TestClient(app, raise_server_exceptions=False):
        yield schemathesis.openapi.from_asgi("/openapi.json", app)


schema = schemathesis.pytest.from_fixture("contract")


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
def test_whatever_the_contract_allows_is_answered_as_it_says(case: schemathesis.Case) -> None:
    case.call_and_validate()
