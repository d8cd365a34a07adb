"""Identifiers of offers, of requests for them, and of what follows."""

from __future__ import annotations

from firstlight.core.kernel.ids import Identifier


class OfferId(Identifier):
    """A defensive tool, or a model's endpoint, that somebody offers to defenders."""

    prefix = "ofr"


class ToolRequestId(Identifier):
    """One person's request for one offer."""

    prefix = "req"


class ToolGrantId(Identifier):
    """One person's access to one offer, for named systems."""

    prefix = "tgr"


class ToolUseId(Identifier):
    """One recorded use of a tool."""

    prefix = "tus"
