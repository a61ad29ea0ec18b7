"""Messages that only their two ends can read: what passes through a scheduler may end in its debug log or a dump."""

from __future__ import annotations

import secrets
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE = 12  # bytes


class Box:
    """Pickles and seals for one partner. Sealed with a key that both derive and nobody sends (X25519, RFC 7748)."""

    def __init__(self, key: bytes) -> None:
        self._cipher = ChaCha20Poly1305(key)

    def seal(self, message: object) -> bytes:
        """The message as bytes that say nothing."""
        import cloudpickle

        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, cloudpickle.dumps(message), None)

    def open(self, sealed: bytes) -> Any:  # noqa: ANN401 (any message)
        """The message. Raises cryptography's InvalidTag for bytes that were not sealed with this key."""
        import cloudpickle

        return cloudpickle.loads(self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], None))


class KeyPair:
    """One end's, for as long as a run takes."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def box(self, public: bytes, run: str) -> Box:
        """The box shared with the owner of that public key."""
        shared = self._private.exchange(X25519PublicKey.from_public_bytes(public))
        return Box(HKDF(hashes.SHA256(), 32, None, run.encode()).derive(shared))
