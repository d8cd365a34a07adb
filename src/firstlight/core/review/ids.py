"""Identifiers of the review."""

from __future__ import annotations

from firstlight.core.kernel.ids import Identifier


class EngagementId(Identifier):
    """A developer's review of one model."""

    prefix = "eng"


class ArtefactId(Identifier):
    """One thing that a developer shows: an endpoint, a document, a digest of weights."""

    prefix = "art"


class GrantId(Identifier):
    """One person's access to one artefact for one purpose."""

    prefix = "grt"


class PartnerId(Identifier):
    """An organisation's part as a trusted partner in one engagement."""

    prefix = "prt"


class ObservationId(Identifier):
    """What somebody tells the developer."""

    prefix = "obs"


class UseId(Identifier):
    """One use of a model endpoint: one request and its response."""

    prefix = "use"


class PresenceId(Identifier):
    """One stretch of time for which a second person is there."""

    prefix = "prs"


class DocumentId(Identifier):
    """One version of a document that a developer uploaded."""

    prefix = "doc"


class DownloadId(Identifier):
    """One copy of a document that somebody asked for."""

    prefix = "dld"


class NoticeId(Identifier):
    """One thing that happened in a review, told to one side."""

    prefix = "ntc"


class WebhookId(Identifier):
    """An address to which an organisation has its notices sent."""

    prefix = "whk"
