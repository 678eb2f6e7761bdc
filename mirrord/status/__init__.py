"""Asking a running mirror how it is, over a socket that its own user alone can open."""

from mirrord.status.client import NotRunning, ask
from mirrord.status.report import report
from mirrord.status.socket import serve_status, socket_path

__all__ = ["NotRunning", "ask", "report", "serve_status", "socket_path"]
