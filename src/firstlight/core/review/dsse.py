"""The types of the review's envelopes; the envelope itself is the kernel's."""

from __future__ import annotations

RECEIPT_TYPE = "application/vnd.firstlight.review-receipt+json"
ACT_TYPE = "application/vnd.firstlight.review-act+json"
