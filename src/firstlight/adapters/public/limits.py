"""Every bound of the public server, with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class PublicLimits:
    """Bounds of one process."""

    query_bytes: int = 16 << 10
    """one query has a name, a version and a token"""
    batch_bytes: int = 2 << 20
    """a thousand queries with long package URLs"""
    batch: int = 1000
    """queries in a batch, as OSV's own service has it"""
    page: int = 500
    """records in an answer; they are sent whole, some kB each"""
    batch_page: int = 1000
    """names of records in an answer to one query of a batch"""
    batch_names: int = 20_000
    """names in all answers of a batch together; the rest of a query follows by its token"""
    body_seconds: float = 10.0
    """for the whole body of a request; who sends it drop by drop is cut off"""
    chunk: int = 256 << 10
    """bytes of a file that are read at a time"""
    listed: int = 100_000
    """names in a directory listing"""
    packages_kept: int = 50_000
    """packages whose ranges are kept ready; the others are read again when asked for"""


DEFAULT = PublicLimits()
