from __future__ import annotations

import json

import azure_answers as answers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_azinterop.azure.answer import one_line
from pytest_azinterop.azure.redact import MARK, redact, redact_text

SECRETS = (
    "sharedKey", "serviceKey", "authorizationKey", "activationKey", "radiusServerSecret", "SHAREDKEY", "primaryKey",
    "password", "accessToken", "clientSecret", "sasUrl", "connectionString",
)  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("value", ["hunter2", 12345678, ["hunter2"], {"a": "hunter2"}])
def test_secrets_by_the_name_of_their_field(name: str, value: object) -> None:
    assert redact({"a": [{name: value}]}) == {"a": [{name: MARK}]}


@pytest.mark.parametrize("value", [None, "", [], {}, True, False])
def test_no_secret_stays_no_secret(value: object) -> None:
    assert redact({"sharedKey": value}) == {"sharedKey": value}


def test_everything_else_stays() -> None:
    for document in (answers.VNET, answers.LEARNED_ROUTES, answers.CIRCUIT_ROUTES, answers.ROUTE_SETS):
        assert redact(document) == document


@pytest.mark.parametrize(
    "text",
    [
        "Bearer hunter2",
        "the sharedKey: hunter2 is wrong",
        'shared_key="hunter2"',
        "https://management.azure.com/x?api-version=1&t=1&c=hunter2",
        "eyJhbGciOiJI.eyJodW50ZXIy.hunter2",
        "pre-shared key = hunter2",
    ],
)
def test_secrets_in_free_text(text: str) -> None:
    assert "hunter2" not in redact_text(text)
    assert "hunter2" not in one_line(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["x", "hunter2-x"]),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", *SECRETS]), inner, max_size=4)
        ),
        max_leaves=20,
    )
)
def test_nothing_under_a_secret_name_is_left(document: object) -> None:
    def under(value: object, secret: bool) -> bool:
        if isinstance(value, dict):
            return any(under(item, secret or name != "a") for name, item in value.items())
        if isinstance(value, list):
            return any(under(item, secret) for item in value)
        return secret and value == "hunter2-x"

    assert not under(redact(document), secret=False)
    assert redact(redact(document)) == redact(document)
    json.dumps(redact(document))
