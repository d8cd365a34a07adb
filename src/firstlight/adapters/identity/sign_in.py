"""Our decisions inside the sign-in library: no self-service accounts, brakes, strong sessions.

Whoever signs in with a password alone gets a session that opens nothing but the pages on which a
passkey or an authenticator app is added (`resolve` refuses it). A one-time link counts as strong:
its secret is 256 bits, it works once, and making it is in the ledger.
"""

from __future__ import annotations

import base64
import time

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from allauth.mfa.webauthn.views import AddWebAuthnView
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from firstlight.adapters.identity.brake import DatabaseBrake, address_of
from firstlight.adapters.identity.models import PersonRow
from firstlight.adapters.identity.resolve import ACTING_AS, memberships_of
from firstlight.core.kernel.errors import Missing
from firstlight.core.kernel.ids import PersonId
from firstlight.usecases.accounts.port import SIGN_IN_BY_ADDRESS, SIGN_IN_BY_EMAIL

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped library
    """Accounts are asked for on our own page and vetted; nobody signs up by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # its signature
        """Closed."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Count the try, by network address and by account, before the password is looked at.

        Raises:
            TooMany: one of the limits is reached.
        """
        brake = DatabaseBrake()
        brake.hit(SIGN_IN_BY_ADDRESS, address_of(request))
        brake.hit(SIGN_IN_BY_EMAIL, str(credentials.get("email", "")).strip().lower())
        super().pre_authenticate(request, **credentials)

    def is_reauthentication_required(self, *, app: str) -> bool:  # noqa: ARG002  # its signature
        """Whether the last proof of who it is is too old; a fresh sign-in is fresh enough."""
        request = context.request
        records = get_authentication_records(request, request.user)
        age = time.time() - max((record["at"] for record in records), default=0.0)
        return age > float(settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Whether this is the password of the signed-in person."""
        return user.check_password(password)


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # untyped library
    """Names that people understand; secrets of apps and recovery codes are sealed in the database.

    The sealing key comes from the key folder, so a copy of the database alone gives no codes.
    """

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open it again."""
        return _seal().decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(
        self,
        user: AbstractBaseUser,
        type: Authenticator.Type,  # noqa: A002  # its signature
    ) -> str:
        """Passkey 1, Passkey 2, ..."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {count + 1}"


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # untyped library
    """Offers a passkey that signs in by itself, unless the person takes the tick away."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Set the words and the tick."""
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "So that you can tell your passkeys apart later."
        passwordless = self.fields["passwordless"]
        passwordless.label = "Sign in with this passkey alone"
        passwordless.initial = True
        passwordless.help_text = (
            "Your device asks for a fingerprint, a face or a PIN. Without the tick it is used"
            " together with your password."
        )


class AuthenticatorAppForm(ActivateTOTPForm):  # type: ignore[misc]  # untyped library
    """Names the code."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Set the words."""
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "The six digits that the app shows"


class AddPasskey(AddWebAuthnView):  # type: ignore[misc]  # untyped library
    """Adding a passkey proves that it is held, so the session counts as strong from then on."""

    def form_valid(self, form: PasskeyForm) -> HttpResponse:
        """Add it and note it in the session."""
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="webauthn")
        return response


class AddAuthenticatorApp(ActivateTOTPView):  # type: ignore[misc]  # untyped library
    """The same for an authenticator app: a right code was given."""

    def form_valid(self, form: AuthenticatorAppForm) -> HttpResponse:
        """Add it and note it in the session."""
        response: HttpResponse = super().form_valid(form)
        record_authentication(self.request, self.request.user, "mfa", type="totp")
        return response


@login_required
@require_safe
def app_picture(request: HttpRequest) -> HttpResponse:
    """The secret that the session holds, as a picture for the app's camera.

    The secret is in no address, so no log and no history holds it. A session that is not about to
    add an app has no picture.

    Raises:
        Missing: no secret is pending.
    """
    secret = request.session.get(SECRET_SESSION_KEY)
    if not isinstance(secret, str):
        raise Missing("No authenticator app is being added.")
    adapter = MfaAdapter(request)
    svg = adapter.build_totp_svg(adapter.build_totp_url(request.user, secret))
    return HttpResponse(svg, content_type="image/svg+xml")


def _seal() -> Fernet:
    """Authenticated encryption with a key that is used for nothing else."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"firstlight second factors")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))


def sign_in(request: HttpRequest, person: PersonId) -> None:
    """Open a strong session for a person who used a one-time link.

    Raises:
        Missing: no such person, or the account is switched off.
    """
    row = PersonRow.objects.filter(id=str(person), is_active=True).first()
    if row is None:
        raise Missing(person=str(person))
    request.session.flush()
    login(request, row, backend=_BACKEND)
    record_authentication(request, row, "link", reauthenticated=True)


def act_as(request: HttpRequest, membership: int) -> None:
    """Choose for which of the own memberships the session acts.

    Raises:
        Missing: it is not one of the person's active memberships.
    """
    user = request.user
    held = memberships_of(user) if isinstance(user, PersonRow) else []
    if membership not in {row.pk for row in held}:
        raise Missing(membership=membership)
    request.session[ACTING_AS] = membership


def choices_of(request: HttpRequest) -> list[tuple[int, str, str]]:
    """The memberships of the signed-in person: number, role, name of the organisation."""
    user = request.user
    held = memberships_of(user) if isinstance(user, PersonRow) else []
    return [(row.pk, row.role, row.organisation.name) for row in held]
