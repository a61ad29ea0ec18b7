"""An answer of Azure that stands in a file: as `az … -o json` prints it, as the REST API sends it, or as the REST
specification publishes it for an example (`parameters` and `responses`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pytest_azinterop.azure.answer import NotJsonError, error_of, load, one_line
from pytest_azinterop.azure.document import CAUSE, CUT_OFF, refuse
from pytest_azinterop.azure.failure import cause_of
from pytest_azinterop.azure.redact import redact

if TYPE_CHECKING:
    from pytest_azinterop.state.azure_source import AzureSource

_EXAMPLE: Final = {"parameters", "responses"}


def load_saved(text: bytes, source: AzureSource) -> object:
    """The redacted JSON. Raises ParseError for no JSON (cause `azure-cut-off`), and for an error that Azure told."""
    if not text.strip():
        refuse("is empty: a command that failed prints nothing here", source, path="", cause=CUT_OFF)
    try:
        document = redact(load(text))
    except NotJsonError as problem:
        refuse(f"is not JSON: {problem}", source, path="", cause=CUT_OFF)
    document = _of_example(document, source)
    if isinstance(document, dict) and isinstance(document.get("error"), dict):
        code, message = error_of(document)
        told = one_line(f"{code or 'no code'}: {message or 'no message'}")
        # Without a status of HTTP the code alone decides.
        refuse(f"is an error of Azure, {told}", source, path="", cause=cause_of(400, code))
    return document


def _of_example(document: object, source: AzureSource) -> object:
    if not isinstance(document, dict) or not document.keys() >= _EXAMPLE:
        return document
    responses = document["responses"]
    answer = responses.get("200") if isinstance(responses, dict) else None
    if not isinstance(answer, dict) or "body" not in answer:
        refuse("is an example without an answer to 200", source, path="responses", cause=CAUSE)
    body: object = answer["body"]
    return body
