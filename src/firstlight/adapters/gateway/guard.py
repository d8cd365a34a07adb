"""Keeps the developer's key out of answers: an endpoint that is set up badly may repeat it."""

from __future__ import annotations

from firstlight.adapters.gateway.failures import EndpointShowsKey

_LEAST = 8


class KeyGuard:
    """Passes bytes on, but for a beginning of the key at the very end, which waits for the rest."""

    def __init__(self, key: str) -> None:
        """A key of fewer than eight characters is no secret, and is not looked for."""
        self._key = key.encode("ascii") if len(key) >= _LEAST else b""
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        """What may be passed on now.

        Raises:
            EndpointShowsKey: the key is in it.
        """
        if not self._key:
            return piece
        whole = self._held + piece if self._held else piece
        if self._key in whole:
            raise EndpointShowsKey
        kept = self._overlap(whole)
        self._held = whole[len(whole) - kept :]
        return whole[: len(whole) - kept] if kept else whole

    def rest(self) -> bytes:
        """What was held at the end, since it was not the key after all."""
        held, self._held = self._held, b""
        return held

    def _overlap(self, whole: bytes) -> int:
        # Only a suffix that begins with the key's first byte can be a beginning of the key.
        start = max(0, len(whole) - len(self._key) + 1)
        while (start := whole.find(self._key[:1], start)) >= 0:
            if self._key.startswith(whole[start:]):
                return len(whole) - start
            start += 1
        return 0
