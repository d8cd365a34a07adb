"""The pages of the sign-in library that are in use; every other one does not exist here.

`account_signup` and `account_reset_password` are names that the library links to; both lead to
pages of ours: accounts are asked for, and a lost way in is restored by an administrator.
"""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import path
from django.views.generic import RedirectView

from firstlight.adapters.identity.sign_in import AddAuthenticatorApp, AddPasskey, app_picture

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("signup/", RedirectView.as_view(pattern_name="request_account"), name="account_signup"),
    path(
        "password/reset/",
        RedirectView.as_view(pattern_name="lost_access"),
        name="account_reset_password",
    ),
    path("methods/", mfa.index, name="mfa_index"),
    path("methods/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("methods/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("methods/app/", AddAuthenticatorApp.as_view(), name="mfa_activate_totp"),
    path("methods/app/picture.svg", app_picture, name="mfa_totp_picture"),
    path("methods/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("methods/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("methods/codes/new/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path(
        "methods/codes/download/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
    path("methods/passkeys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("methods/passkeys/add/", AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("methods/passkeys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path(
        "methods/passkeys/reauthenticate/",
        webauthn.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("methods/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("methods/passkeys/<int:pk>/edit/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
]
