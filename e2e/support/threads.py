"""Servers of this process."""

import threading
from contextlib import contextmanager


@contextmanager
def serving(server):
    """Serves requests in a thread, and ends the server at the end."""
    with server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
