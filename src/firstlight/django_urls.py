"""All addresses. Part of the composition root: it joins the front doors."""

from __future__ import annotations

from django.urls import include, path

handler400 = "firstlight.adapters.web.errors.bad_request"
handler403 = "firstlight.adapters.web.errors.forbidden"
handler404 = "firstlight.adapters.web.errors.not_found"
handler500 = "firstlight.adapters.web.errors.broken"

urlpatterns = [
    path("account/", include("firstlight.adapters.identity.urls")),
    path("", include("firstlight.adapters.api.urls")),
    path("", include("firstlight.adapters.web.urls")),
]
