"""The broker between reviewers and a developer's model endpoint: a service of its own (ASGI).

A key belongs to a grant. Each request is admitted by the desk, written down durably, forwarded
once with the developer's real key, passed back unchanged as it comes, and closed in the books.
What loses its ground is cut within a second. The rules stand in the reviews; this package knows
only the port `GatewayDesk`.
"""

from firstlight.adapters.gateway.app import Gateway
from firstlight.adapters.gateway.limits import GatewayLimits
from firstlight.adapters.gateway.serving import serve_gateway

__all__ = ["Gateway", "GatewayLimits", "serve_gateway"]
