"""One error tree: a stable code, a sentence for the person, named details, and what to do next.

The parents say whose turn it is: `Refused` (the asker may not), `Invalid` (the asker must change
the input), `Conflict` (the state has moved on), `Missing` (nothing there for this asker),
`Unavailable` (the operator or time must help). Front doors translate a parent to their own
status once; nothing else in the program maps errors.
"""

from __future__ import annotations

from typing import ClassVar


class FirstlightError(Exception):
    """Something went wrong that a person can be told about."""

    code: ClassVar[str] = "firstlight.error"
    next_step: ClassVar[str] = "Try again; if it happens again, tell the operator the code."

    def __init__(
        self, message: str | None = None, *, hint: str | None = None, **details: object
    ) -> None:
        """`details` are named facts for machines; they must hold no secret and no sealed text."""
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.hint = hint or self.next_step
        self.details = details
        super().__init__(self.message)


class Refused(FirstlightError):
    """You may not do this."""

    code = "access.refused"
    next_step = "Sign in with an account whose role allows it, or ask a coordinator."


class NotSignedIn(Refused):
    """This needs a signed-in person or a valid token."""

    code = "access.not_signed_in"
    next_step = "Sign in, or send a token that is neither expired nor revoked."


class TooMany(Refused):
    """Too many requests in too short a time."""

    code = "access.too_many"
    next_step = "Wait for the time in Retry-After, then go on more slowly."


class Invalid(FirstlightError):
    """The input cannot be read as what it claims to be."""

    code = "input.invalid"
    next_step = "Correct the named field and send it again."


class TooLarge(Invalid):
    """The input is larger than the limit."""

    code = "input.too_large"
    next_step = "Send less at once; the limit is in the details."


class TooDeep(Invalid):
    """The input is nested more deeply than the limit."""

    code = "input.too_deep"
    next_step = "Flatten the document; the limit is in the details."


class DuplicateKey(Invalid):
    """An object names the same key twice, so its meaning is ambiguous."""

    code = "input.duplicate_key"
    next_step = "Name each key once."


class BadEncoding(Invalid):
    """The input is not UTF-8 text."""

    code = "input.bad_encoding"
    next_step = "Save the file as UTF-8 and send it again."


class UnknownFormat(Invalid):
    """The format of the document is not one that is read here."""

    code = "input.unknown_format"
    next_step = "Send SARIF 2.1.0, CSAF 2.0/2.1, OSV or the plain JSON of the published schema."


class HostileArchive(Invalid):
    """The archive tries to leave its folder, to link outside it, or to grow without bound."""

    code = "input.hostile_archive"
    next_step = "Get the archive from its publisher again; this one is not unpacked."


class Conflict(FirstlightError):
    """The thing has changed since you looked, or its state does not allow this step."""

    code = "state.conflict"
    next_step = "Read it again, then decide."


class MoveNotAllowed(Conflict):
    """This step does not exist from the present state."""

    code = "state.move_not_allowed"


class Missing(FirstlightError):
    """There is nothing here for you under that name."""

    code = "state.missing"
    next_step = "Check the identifier; you see only what concerns you."


class Unavailable(FirstlightError):
    """A part that is needed does not work at the moment."""

    code = "service.unavailable"
    next_step = "Run `firstlight doctor`; it names the part and how to get it."


class SandboxUnavailable(Unavailable):
    """No sandbox can be started here, so nothing untrusted is run."""

    code = "sandbox.unavailable"


class RunnerLost(Unavailable):
    """The runner died or cannot be reached; the work will be tried again."""

    code = "runner.lost"
    next_step = "Nothing to do: the job runs again by itself. If it keeps failing, see `doctor`."


class OutgoingRefused(Unavailable):
    """The outgoing address is not on the allow list, or points inside the network."""

    code = "http.outgoing_refused"
    next_step = "If the address is right, the operator adds its host to the allow list."
