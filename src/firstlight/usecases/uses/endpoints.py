"""The developer says where an endpoint is reached, with which key, and what it costs.

The key is sealed with the engagement's key before it is stored: it dies with the close, is in no
backup in clear, and is shown to nobody, the developer included. It can only be replaced.
"""

from __future__ import annotations

from firstlight.core.kernel.canonical import Json, digest
from firstlight.core.kernel.errors import Invalid
from firstlight.core.kernel.parties import Actor
from firstlight.core.review import artefacts
from firstlight.core.review.endpoint import Endpoint, check_artefact, check_key
from firstlight.core.review.ids import ArtefactId, EngagementId
from firstlight.core.review.spending import Prices
from firstlight.usecases.access.table import Action
from firstlight.usecases.context import Context
from firstlight.usecases.ports.sealed import Sealed, SealedVault
from firstlight.usecases.ports.uses import StoredEndpoint
from firstlight.usecases.reviews.step import step

_SEALED_AS = b"key of an endpoint"
"""bound into the seal: no other document opens in its place"""


def set_endpoint(
    context: Context,
    vault: SealedVault,
    actor: Actor,
    identifier: EngagementId,
    artefact: ArtefactId,
    *,
    address: str,
    key: str | None,
    prices: Prices | None,
) -> Endpoint:
    """Say where an artefact is reached, or change it. Open uses are not ended by that.

    Args:
        context: the ports
        vault: seals the key
        actor: the developer
        identifier: which engagement
        artefact: one of its endpoints
        address: scheme, host and what stands before `/v1`
        key: the real key; None keeps the one that is there
        prices: per million tokens; None counts no money

    Raises:
        Missing, Refused, MoveNotAllowed: as usual; Missing also for an unknown artefact.
        Invalid: no address or key, or the first key is not given.
        Conflict: this artefact is no endpoint, or was taken back.
        Unavailable: the vault cannot seal.
    """
    with step(context, actor, identifier, Action.REVIEW_ARRANGE) as taken:
        _, rule = taken.move("arrange")
        check_artefact(artefacts.find(taken.engagement.artefacts, artefact))
        before = taken.work.endpoints.get(artefact)
        endpoint = Endpoint(
            artefact=artefact,
            engagement=identifier,
            address=address,
            prices=prices,
            changed_at=taken.now,
            changed_by=taken.person,
            version=before.endpoint.version + 1 if before else 1,
        )
        if key is not None:
            sealed = vault.seal(
                str(identifier), str(artefact), check_key(key).encode("ascii"), _SEALED_AS
            ).envelope
        elif before is not None:
            sealed = before.sealed_key
        else:
            raise Invalid("the endpoint has no key yet", field="key")
        taken.work.endpoints.put(StoredEndpoint(endpoint=endpoint, sealed_key=sealed))
        facts: dict[str, Json] = {
            "artefact": str(artefact),
            "endpoint": endpoint.digest,
            "sealed_key": digest(sealed),
            "key_changed": key is not None,
        }
        taken.note(rule, facts)
    return endpoint


def open_key(vault: SealedVault, stored: StoredEndpoint) -> str:
    """The real key, to be added to one request.

    Raises:
        KeyDestroyed: the engagement was closed.
        Unavailable: the vault cannot open it.
    """
    endpoint = stored.endpoint
    sealed = Sealed(envelope=stored.sealed_key)
    return vault.open(str(endpoint.engagement), str(endpoint.artefact), sealed, _SEALED_AS).decode(
        "ascii"
    )
