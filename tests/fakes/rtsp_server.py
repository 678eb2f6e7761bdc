"""A network camera that speaks RTSP: Debian's GStreamer server, run by the system's own Python.

    python3 rtsp_server.py PORT PICTURE WIDTH HEIGHT [USER PASSWORD]

Serves a JPEG at rtsp://127.0.0.1:PORT/live ten times a second, and prints PORT once it does
(0: a free one). Needs gir1.2-gst-rtsp-server-1.0, gstreamer1.0-plugins-good and python3-gi.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 -- after the versions

LAUNCH = (
    "( multifilesrc location={} loop=true "
    "caps=image/jpeg,width={},height={},framerate=10/1 "
    "! identity sync=true ! rtpjpegpay name=pay0 pt=26 )"
)


def only_for(server, factory, user, password):
    """Ask everybody for a name and a password."""
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", user)
    auth = GstRtspServer.RTSPAuth()
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    rights = GstRtspServer.RTSPPermissions()
    for right in ("media.factory.access", "media.factory.construct"):
        rights.add_permission_for_role(user, right, True)
    factory.set_permissions(rights)


def main(port, picture, width, height, user="", password=""):
    """Serve until killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(LAUNCH.format(picture, width, height))
    factory.set_shared(True)
    if user:
        only_for(server, factory, user, password)
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:])
