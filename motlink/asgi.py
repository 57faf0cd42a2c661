"""The door in production: python -m granian --interface asgi --factory motlink.asgi:create --port 3000"""

import gc
import os
import sys
from typing import Any

os.environ.setdefault("REFLEX_ENV_MODE", "prod")

from reflex_base.environment import environment

# Compiled once by `reflex export`; these two have no public names in Reflex 0.10.1, which is why it is pinned.
environment.REFLEX_SKIP_COMPILE.set(True)


def create() -> Any:
    """Return the whole application: built frontend, socket, own routes, headers."""
    from reflex.utils.prerequisites import get_web_dir

    from motlink.accounts.passwords import warm_up
    from motlink.web.faults import keep_events_out_of_logs
    from motlink.web.headers import Headers

    client = (get_web_dir() / "build" / "client").resolve()
    # Without a build (in tests of the socket) the app serves everything but pages.
    environment.REFLEX_MOUNT_FRONTEND_COMPILED_APP.set(client.is_dir())
    from motlink.motlink import app

    keep_events_out_of_logs()
    warm_up()
    # A thread that has read the database waits so long for the event loop to let go: fifty tabs, fifty times.
    sys.setswitchinterval(0.0005)
    door = Headers(app(), client)
    # Looking through all that was loaded for garbage holds everybody up for a tenth of a second, again and again:
    # these 190,000 objects stay, so nobody looks at them any more.
    gc.collect()
    gc.freeze()
    return door
