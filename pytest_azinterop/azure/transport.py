"""The one point where a request is sent to Azure: azure-core's pipeline, without its retries and redirects.

The allow-list is enforced here, the token is asked for once, and a body is bounded, complete and redacted before it
leaves.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from pytest_azinterop import __version__
from pytest_azinterop.azure import allow
from pytest_azinterop.azure.answer import Answer, one_line
from pytest_azinterop.azure.failure import LOGIN, NOT_UNDERSTOOD, TIMEOUT, error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from azure.core.credentials import TokenCredential
    from azure.core.rest import HttpResponse

    from pytest_azinterop.azure.clock import Clock
    from pytest_azinterop.azure.cloud import Cloud
    from pytest_azinterop.azure.request import Request

MAX_BYTES: Final = 64 * 1024 * 1024
CONNECT_SECONDS: Final = 20.0
READ_SECONDS: Final = 60.0
_POOL: Final = 64


class NotSentError(Exception):
    """No connection: nothing of the request reached Azure. `reason` is one line."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class NotAnsweredError(Exception):
    """The request may have reached Azure and no whole answer came back."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Transport:
    """Sends and receives; decides nothing. Safe to use from many threads."""

    def __init__(self, cloud: Cloud, credential: TokenCredential, clock: Clock) -> None:
        self.cloud = cloud
        self._clock = clock
        self._credential = credential
        self._client = _pipeline(cloud, credential)
        self._lock = threading.Lock()
        self._login_refused: str | None = None
        self.sent = 0
        """Requests that were sent, polls included."""

    def url(self, request: Request) -> str:
        """The whole address of a question."""
        version = self.cloud.api_version(request.operation_name, request.operation.api_version)
        query = urlencode((("api-version", version), *request.query))
        return f"{self.cloud.endpoint.rstrip('/')}{request.path}?{query}"

    def log_in(self) -> None:
        """Ask for a token now, however long a person takes. A refusal is remembered: every question then tells it."""
        from azure.core.exceptions import ClientAuthenticationError

        try:
            self._credential.get_token(self.cloud.scope)
        except ClientAuthenticationError as refusal:
            self._refuse_login(str(refusal.message))

    def ask(self, request: Request, deadline: float) -> Answer:
        """Send the question itself. Raises AzureError, NotSentError, NotAnsweredError."""
        url = self.url(request)
        allow.check(request.operation.verb, url, self.cloud)
        content = None if request.body is None else json.dumps(request.body)
        return self._send(request, request.operation.verb, url, content, deadline)

    def follow(self, request: Request, url: str, deadline: float) -> Answer:
        """GET an address that Azure gave. Raises like `ask`."""
        allow.check("GET", url, self.cloud, given_by_azure=True)
        return self._send(request, "GET", url, None, deadline)

    def _send(self, request: Request, verb: str, url: str, content: str | None, deadline: float) -> Answer:
        from azure.core import exceptions
        from azure.core.rest import HttpRequest

        if self._login_refused is not None:
            raise error(request, self._login_refused, LOGIN)
        left = deadline - self._clock.monotonic()
        if left <= 0:
            raise error(request, "no time is left", TIMEOUT)
        headers = {"Accept": "application/json"} | ({} if content is None else {"Content-Type": "application/json"})
        sent = HttpRequest(verb, url, headers=headers, content=content)
        with self._lock:
            self.sent += 1
        try:
            response = self._client.send_request(
                sent,
                stream=True,
                connection_timeout=min(CONNECT_SECONDS, left),
                read_timeout=min(READ_SECONDS, left),
            )
            with response:
                body = self._body(request, response, deadline)
                return Answer.read(response.status_code, dict(response.headers), body, self._clock.now())
        except exceptions.ClientAuthenticationError as refusal:
            raise error(request, self._refuse_login(str(refusal.message)), LOGIN) from None
        except exceptions.ServiceRequestError as problem:
            raise NotSentError(_reason(problem)) from None
        except exceptions.AzureError as problem:
            raise NotAnsweredError(_reason(problem)) from None

    def _refuse_login(self, said: str) -> str:
        """The first refusal stands for all: a chain of credentials takes long, and nothing has changed since."""
        with self._lock:
            if self._login_refused is None:
                self._login_refused = f"no token from Azure: {one_line(said)}"
            return self._login_refused

    def _body(self, request: Request, response: HttpResponse, deadline: float) -> bytes:
        parts: list[bytes] = []
        length = 0
        for part in _chunks(response):
            length += len(part)
            if length > MAX_BYTES:
                raise error(request, f"the answer is larger than {MAX_BYTES // 2**20} MiB", NOT_UNDERSTOOD)
            if self._clock.monotonic() > deadline:
                raise error(request, "the answer did not end in time", TIMEOUT)
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Give connections back."""
        self._client.close()


def _chunks(response: HttpResponse) -> Iterator[bytes]:
    """The body as it comes; the end of the connection before its end is an error."""
    from azure.core.exceptions import AzureError

    try:
        yield from response.iter_bytes()
    except AzureError:
        raise
    except OSError as failure:
        raise NotAnsweredError(type(failure).__name__) from None


def _reason(failure: Exception) -> str:
    """What went wrong on the line, without addresses of ours: the innermost words are the telling ones."""
    text = one_line(re.sub(r"<[^>]*>|\(Caused by |HTTPSConnectionPool\([^)]*\):?", " ", str(failure)), 200)
    return text or type(failure).__name__


def _pipeline(cloud: Cloud, credential: TokenCredential) -> Any:  # noqa: ANN401 (azure-core's client is generic)
    """azure-core's client: a token per request, no retry, no redirect, no logging of requests."""
    import requests
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import UserAgentPolicy
    from azure.core.pipeline.transport import RequestsTransport
    from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

    class OneLogin(ARMChallengeAuthenticationPolicy):
        """One thread asks for the token, the others wait for it: a credential may start a program for each."""

        _one_at_a_time = threading.Lock()

        def on_request(self, request: Any) -> None:  # noqa: ANN401 (as the policy that it stands in for)
            with self._one_at_a_time:
                super().on_request(request)

    session = requests.Session()
    adapter = requests.adapters.HTTPAdapter(pool_connections=4, pool_maxsize=_POOL)
    session.mount("https://", adapter)
    _hush()
    return PipelineClient(
        cloud.endpoint,
        policies=[
            UserAgentPolicy(f"pytest-azinterop/{__version__}"),
            OneLogin(credential, cloud.scope),
        ],
        transport=RequestsTransport(
            session=session, session_owner=True, connection_verify=str(cloud.ca) if cloud.ca is not None else True
        ),
    )


class _NoAddresses(logging.Filter):
    """Polling addresses are signed: the HTTP library does not get to log them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep what is a warning or worse, and nothing that lists requests."""
        return record.levelno >= logging.WARNING


def _hush() -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    if not any(isinstance(known, _NoAddresses) for known in logger.filters):
        logger.addFilter(_NoAddresses())
