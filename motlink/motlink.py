"""The app: its pages, its own routes, its guard. No logic."""

import reflex as rx
from starlette.applications import Starlette

from motlink import work, worker
from motlink.audit.routes import audit_routes
from motlink.mail.routes import mail_routes
from motlink.sign_in.routes import door_routes
from motlink.staff.import_routes import import_routes
from motlink.web import around, live
from motlink.web.binding import BindToken
from motlink.web.faults import say_calmly, write_down
from motlink.web.guard import Guard
from motlink.web.leaver import leaver
from motlink.web.routes import add_pages
from motlink.wiring import wire

wire()
work.on_notices(live.publish)

app = rx.App(
    api_transformer=[
        Starlette(routes=[*door_routes(), *audit_routes(), *import_routes(), *mail_routes()]),
        BindToken,
    ],
    extra_app_wraps={(56, "Leaver"): leaver},
    backend_exception_handler=say_calmly,
    frontend_exception_handler=write_down,
    html_lang="en",
    stylesheets=[
        "/fonts.css",
        "/motlink.css",
        "/import.css",
        "/roles.css",
        "/tags.css",
        "/bulk.css",
        "/billing.css",
        "/days.css",
        "/desk.css",
        "/security.css",
    ],
    head_components=[
        rx.el.script(src="/motlink.js", defer=True),
        rx.el.script(src="/typeahead.js", defer=True),
        rx.el.link(rel="icon", href="/favicon.svg"),
        # Early, so that no line breaks anew when the typeface comes: nothing jumps.
        rx.el.link(
            rel="preload",
            href="/fonts/inter-latin-wght-normal.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        ),
    ],
    # Our own notice says that the line is down; Reflex’s overlay and toaster are left out.
    app_wraps={},
    toaster=None,
)
app.add_middleware(Guard())
app.register_lifespan_task(live.pump)
app.register_lifespan_task(worker.running)
app.register_lifespan_task(around.look_around)
add_pages(app)
