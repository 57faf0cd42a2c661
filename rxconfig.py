"""How Reflex builds and serves motlink. What an operator sets is in motlink/settings.py."""

import sysconfig
from pathlib import Path
from urllib.parse import urlsplit

import reflex as rx
from reflex_base.constants import StateManagerMode

from motlink.settings import settings

# The port is written into the built frontend; motlink/asgi.py puts the real one in when it serves.
BUILD_PORT = 3000


def own_origins() -> list[str]:
    """Return the origins whose pages may open a socket: ours alone."""
    address = urlsplit(settings().public_url)
    origin = f"{address.scheme}://{address.netloc}"
    # On one's own machine both names are typed.
    return (
        [origin, origin.replace("//localhost", "//127.0.0.1")]
        if address.hostname == "localhost"
        else [origin]
    )


config = rx.Config(
    app_name="motlink",
    frontend_port=BUILD_PORT,
    backend_port=BUILD_PORT,
    api_url=f"http://localhost:{BUILD_PORT}",
    deploy_url=None,
    bun_path=Path(sysconfig.get_path("scripts")) / "bun",
    telemetry_enabled=False,
    show_built_with_reflex=False,
    state_manager_mode=StateManagerMode.REDIS if settings().redis_url else StateManagerMode.MEMORY,
    redis_url=settings().redis_url or None,
    cors_allowed_origins=own_origins(),
    default_color_mode="system",
    plugins=[
        rx.plugins.RadixThemesPlugin(
            theme=rx.theme(
                accent_color="iris",
                gray_color="slate",
                radius="medium",
                scaling="100%",
                panel_background="solid",
            )
        )
    ],
    # It would list our addresses to everyone.
    disable_plugins=[rx.plugins.SitemapPlugin],
)
