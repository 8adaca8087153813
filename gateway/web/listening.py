"""The sockets that gateway processes listen on, made by their parent."""

from __future__ import annotations

import socket

BACKLOG = 1024


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """``count`` sockets that share one port, each with a queue of its own. Raises OSError when the port is taken.

    The parent keeps them open: what comes while a process is being replaced waits in its queue and is not refused.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family) as probe:  # without sharing: another program's port is refused here
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        port = probe.getsockname()[1]
    sockets = []
    for _ in range(count):
        one = socket.socket(family)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((host, port))
        one.listen(BACKLOG)
        sockets.append(one)
    return sockets
