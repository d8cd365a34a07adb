"""Every bound of the gateway, with its reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class GatewayLimits:
    """Times are in seconds, sizes in bytes."""

    request_bytes: int = 32 << 20
    """of one body: a few dozen pictures; the body is read whole before it is forwarded"""
    held_request_bytes: int = 512 << 20
    """of all bodies that are held at one time; more is turned away until some are gone"""
    response_bytes: int = 1 << 30
    """of one answer; it is never held, but nothing goes on without end"""
    open_uses: int = 1000
    """at one time in one process"""
    request_idle: float = 20.0
    """without a byte of a body that was announced"""
    connect: float = 10.0
    """to reach the endpoint, TLS included"""
    first_byte: float = 600.0
    """until the endpoint begins to answer: reasoning models think for minutes without a word"""
    idle: float = 300.0
    """without a byte of an answer that has begun"""
    watch: float = 0.2
    """between two looks at the revision; well below the second in which a stream must end"""
    blind: float = 0.7
    """without an answer from the desk, after which open uses are cut: nobody vouches for them"""
    farewell: float = 0.3
    """for the last words to a client that does not read"""
    connections: int = 1000
    """to endpoints at one time"""
    spare_seconds: float = 4.0
    """for which one is kept between requests: shorter than servers do, or it is gone when used"""
    desk: float = 15.0
    """for the desk to admit, open or keep; then nothing is forwarded"""
    read: int = 16 << 10
    """taken from the endpoint at once; the server holds up to 32 of these for a slow client"""
    whole_answer: int = 4 << 20
    """of an answer that is not streamed, kept while it passes to read its usage"""
    event_line: int = 4 << 20
    """of one line of an event stream, likewise"""
    kept_piece: int = 64 << 10
    """of content that is handed over at once"""
    close_tries: int = 5
    """to write the end of a use down, with growing pauses; then it stays unfinished"""
