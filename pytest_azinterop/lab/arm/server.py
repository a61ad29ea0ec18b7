"""HTTPS in front of the ARM endpoint, and its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from traceback import format_exception
from typing import TYPE_CHECKING

from aiohttp import web

from pytest_azinterop.lab.arm.certificate import Certificate, issue
from pytest_azinterop.lab.arm.endpoint import PACE, Endpoint
from pytest_azinterop.lab.arm.messages import ArmError, Request, Response
from pytest_azinterop.lab.arm.token import Tokens

if TYPE_CHECKING:
    from pytest_azinterop.lab.arm.azure import Azure
    from pytest_azinterop.lab.log import LabLog

LOOPBACK = "127.0.0.1"
_OPAQUE = frozenset({"t", "c", "s", "h", "api-version"})
"""Query parameters that say nothing to a reader of the log, or too much."""


@dataclass(slots=True)
class ArmServer:
    """Listens on a port of 127.0.0.1. ``speed`` is the clock's, ``pace`` how much faster Azure's operations are."""

    azure: Azure
    log: LabLog
    port: int = 0
    speed: float = 1.0
    pace: float = PACE
    tokens: Tokens = field(default_factory=Tokens, repr=False)
    certificate: Certificate = field(default_factory=issue)
    _runner: web.ServerRunner | None = None
    _endpoint: Endpoint | None = None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"https://{LOOPBACK}:{self.port}"

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._endpoint = Endpoint(self.azure, self.tokens, pace=self.pace * (self.speed or 1.0))
        server = web.Server(self._handle, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, self.port, ssl_context=self.certificate.context(), backlog=512)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """End every connection."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, asked: web.BaseRequest) -> web.StreamResponse:
        request = Request(
            asked.method,
            asked.path,
            dict(asked.query),
            {name.lower(): value for name, value in asked.headers.items()},
            await asked.read(),
            f"https://{asked.host}",
        )
        if self._endpoint is None:
            raise RuntimeError("the endpoint has not been started")
        subject = self._endpoint.subject(asked.path)
        try:
            response = self._endpoint.handle(request)
        except Exception as error:  # noqa: BLE001 - whatever is wrong, the client must not take it for an answer
            self.log.write("failure", method=request.method, path=request.path, error="".join(format_exception(error)))
            response = ArmError(500, "LabFailure", "The lab itself has failed: see its log.").response()
        self._note(request, response, subject)
        if response.broken:
            return await _break_off(asked, response)
        return web.Response(status=response.status, body=response.body, headers=response.all_headers)

    def _note(self, request: Request, response: Response, subject: str | None) -> None:
        query = "&".join(f"{name}={value}" for name, value in request.query.items() if name.lower() not in _OPAQUE)
        self.log.write(
            "arm",
            method=request.method,
            path=request.path,
            query=query or None,
            api_version=request.parameter("api-version"),
            operation=subject,
            status=response.status,
            error=_code(response) if response.status >= 400 else None,
        )


def _code(response: Response) -> str | None:
    import json

    try:
        return str(json.loads(response.body)["error"]["code"])
    except (ValueError, KeyError, TypeError):
        return None


async def _break_off(asked: web.BaseRequest, response: Response) -> web.StreamResponse:
    """The head and half of the body, then nothing more."""
    stream = web.StreamResponse(status=response.status, headers=response.all_headers)
    stream.content_length = len(response.body)
    await stream.prepare(asked)
    await stream.write(response.body[: len(response.body) // 2])
    if asked.transport is not None:
        asked.transport.close()
    return stream
