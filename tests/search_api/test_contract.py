"""The OpenAPI document, against the application: whatever it allows is answered as it says, and nothing is a 500."""

from __future__ import annotations

import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from search_api import SearchEngine
from search_api.app import create_app

EXAMPLES = 100
# A question of blanks alone, a word that is no date: no schema can say that they are refused.
REFUSED_BY_MEANING = [positive_data_acceptance]
QUIETLY = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


def test_whatever_the_contract_allows_is_answered_as_it_says(tiny_engine: SearchEngine) -> None:
    app = create_app(tiny_engine)
    with TestClient(app, raise_server_exceptions=False):
        contract = schemathesis.openapi.from_asgi("/openapi.json", app)
        operations = [found.ok() for found in contract.get_all_operations()]
        assert len(operations) >= 7
        for operation in operations:

            @QUIETLY
            @given(operation.as_strategy())
            def answered(case: schemathesis.Case) -> None:
                case.call_and_validate(excluded_checks=REFUSED_BY_MEANING)

            answered()
