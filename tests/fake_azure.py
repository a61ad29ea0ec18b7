"""A small HTTPS server that answers what a test scripts, and a clock that only moves when somebody waits.

It knows nothing of the client: a script is a list of answers per verb and path.
"""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TOKEN = "eyJ0eXAiOiJKV1QifQ.bm90LWEtdG9rZW4.c2lnbmF0dXJl"


@dataclass
class Reply:
    """One scripted answer; text is sent as it is, anything else as JSON. `cut` sends fewer bytes than promised."""

    body: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hold: threading.Event | None = None

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    verb: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: object
    authorization: str | None
    at: float


Script = list[Reply] | Callable[[Seen], Reply]


class FakeAzure:
    """The server: `on` scripts it, `seen` tells what arrived."""

    def __init__(self, certificate: Path) -> None:
        self.certificate = certificate
        self.seen: list[Seen] = []
        self.in_flight: dict[str, int] = {}
        self.most_in_flight: dict[str, int] = {}
        self._scripts: dict[tuple[str, str], Script] = {}
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def on(self, verb: str, path: str, *script: Reply | Callable[[Seen], Reply]) -> None:
        """Answer in turn; the last answer stays."""
        only = script[0]
        self._scripts[verb, path] = only if callable(only) else [reply for reply in script if isinstance(reply, Reply)]

    def counts(self, verb: str) -> int:
        return sum(seen.verb == verb for seen in self.seen)

    def reply(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
            script = self._scripts.get((seen.verb, seen.path))
            if isinstance(script, list):
                return script.pop(0) if len(script) > 1 else script[0]
        if script is None:
            return Reply({"error": {"code": "ResourceNotFound", "message": "nothing is scripted"}}, 404)
        return script(seen)

    @contextmanager
    def running(self) -> Iterator[FakeAzure]:
        self._thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(5)


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is part of some tests."""


def _handler(azure: FakeAzure) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(
                self.command,
                parts.path,
                tuple(parse_qsl(parts.query, keep_blank_values=True)),
                json.loads(raw) if raw else None,
                self.headers.get("Authorization"),
                time.monotonic(),
            )
            reply = azure.reply(seen)
            if reply.hold is not None:
                reply.hold.wait(10)
            body = b"" if reply.status == 204 else reply.encoded()
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(body if reply.cut is None else body[: reply.cut])
            if reply.cut is not None:
                self.close_connection = True

        do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class ManualClock:
    """Time moves by waiting alone; `waits` are the seconds that were asked for."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self._passed = 0.0
        self._lock = threading.Lock()
        self.called_off = False

    def monotonic(self) -> float:
        return self._passed

    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=self._passed)

    def sleep(self, seconds: float) -> bool:
        with self._lock:
            self.waits.append(seconds)
            self._passed += seconds
        return not self.called_off

    def call_off(self) -> None:
        self.called_off = True


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1 that signs itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path
