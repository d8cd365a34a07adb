"""What the server loads: the portal and the API as one WSGI application."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from firstlight.adapters.processes import die_with_parent
from firstlight.bootstrap import configure_doors, open_firstlight

die_with_parent()
configure_doors(open_firstlight())
application = get_wsgi_application()
