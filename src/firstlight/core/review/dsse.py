"""The type of a closing receipt's envelope; the envelope itself is the kernel's."""

from __future__ import annotations

from firstlight.core.kernel.dsse import envelope, to_sign

__all__ = ["RECEIPT_TYPE", "envelope", "to_sign"]

RECEIPT_TYPE = "application/vnd.firstlight.review-receipt+json"
