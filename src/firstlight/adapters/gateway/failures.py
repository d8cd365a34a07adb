"""How a use of the gateway can fail, apart from the desk's refusals."""

from __future__ import annotations

from firstlight.core.kernel.errors import Conflict, Invalid, TooLarge, Unavailable


class NoSuchPath(Invalid):
    """The gateway does not know this path."""

    code = "gateway.no_such_path"
    next_step = "Use /v1/chat/completions, /v1/responses or /v1/messages."


class WrongMethod(Invalid):
    """This path is asked with POST."""

    code = "gateway.wrong_method"
    next_step = "Send a POST request."


class RequestUnreadable(Invalid):
    """The request is not JSON with one meaning."""

    code = "gateway.request_unreadable"
    next_step = "Send UTF-8 JSON that names each key once."


class RequestRefused(Invalid):
    """The request uses a part of HTTP that is not passed on."""

    code = "gateway.request_refused"
    next_step = "Leave out what the message names."


class RequestTooLarge(TooLarge):
    """The request is larger than the gateway's limit."""

    code = "gateway.request_too_large"
    next_step = "Send less at once; the limit is in the message."


class RequestTooSlow(Invalid):
    """The request's body did not arrive in time."""

    code = "gateway.request_too_slow"
    next_step = "Check the network; then send it again."


class BackgroundRefused(Invalid):
    """A background request would go on after a revocation, so it is not forwarded."""

    code = "gateway.background_refused"
    next_step = "Leave out `background`; streams may last as long as the window."


class GatewayFull(Unavailable):
    """The gateway has as many requests as it can hold."""

    code = "gateway.full"
    next_step = "Try again in a few seconds."


class GatewayStops(Unavailable):
    """The gateway is being stopped."""

    code = "gateway.stops"
    next_step = "Try again in a minute."


class DeskSilent(Unavailable):
    """Nobody can say at the moment whether this use is still allowed, so it is ended."""

    code = "gateway.desk_silent"
    next_step = "Try again in a minute; the operator sees why in the gateway's log."


class EndpointFailed(Unavailable):
    """The developer's endpoint could not be reached, or broke off."""

    code = "gateway.endpoint_failed"
    next_step = "Try again later; if it goes on, tell the developer."


class EndpointSlow(EndpointFailed):
    """The developer's endpoint took too long."""

    code = "gateway.endpoint_slow"
    next_step = "The request may have been performed. Ask for less, or as a stream."


class EndpointUnreadable(EndpointFailed):
    """The developer's endpoint did not answer with HTTP that can be passed on."""

    code = "gateway.endpoint_unreadable"
    next_step = "Tell the developer."


class EndpointNotAllowed(EndpointFailed):
    """The operator of the gateway does not allow the developer's address, or where it leads."""

    code = "gateway.endpoint_not_allowed"
    next_step = "Tell the operator; the gateway's log names the address."


class EndpointRefusesKey(EndpointFailed):
    """The developer's endpoint does not accept the key that the developer left here."""

    code = "gateway.endpoint_refuses_key"
    next_step = "Your own key is right. Tell the developer."


class EndpointShowsKey(EndpointFailed):
    """The endpoint's answer holds the developer's key, so the rest is withheld."""

    code = "gateway.endpoint_shows_key"
    next_step = "Tell the developer."


class AnswerTooLarge(TooLarge):
    """The answer is longer than the gateway's limit."""

    code = "gateway.answer_too_large"
    next_step = "Ask for less at once."


class ClientLeft(Conflict):
    """The client closed the connection."""

    code = "gateway.client_left"
    next_step = "Nothing."
