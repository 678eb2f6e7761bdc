"""The audit for known vulnerabilities, against a service that speaks OSV's protocol."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
KNOWN = {"jinja2": "2.4.1"}


@contextmanager
def advisories(flawed: dict[str, str], status: int = 200) -> Iterator[str]:
    """A service that knows these versions as flawed; yields its address."""

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = asked["package"]["name"]
            package = {"name": name, "ecosystem": "PyPI"}
            flaw = {"id": "TEST-1", "summary": "bad", "affected": [{"package": package}]}
            bad = flawed.get(name) == asked["version"]
            body = json.dumps({"vulns": [flaw]} if bad else {}).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/query"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def audit(url: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "scripts/audit.py"],
        cwd=ROOT,
        env=os.environ | {"AUDIT_URL": url},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_libraries_without_a_known_flaw_pass():
    with advisories(KNOWN) as url:
        done = audit(url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none of the" in done.stdout
    assert int(done.stdout.split()[4]) > 30


def test_a_flaw_of_one_library_of_a_library_is_found():
    with advisories(KNOWN | {"multidict": version("multidict")}) as url:
        done = audit(url)
    assert done.returncode == 1
    assert f"multidict {version('multidict')}: TEST-1" in done.stdout


@pytest.mark.parametrize(("known", "status"), [({}, 200), (KNOWN, 404), (KNOWN, 500)])
def test_a_service_that_knows_nothing_is_no_all_clear(known: dict[str, str], status: int):
    with advisories(known, status) as url:
        done = audit(url)
    assert done.returncode == 2
    assert "NOT AUDITED" in done.stdout
