"""Asks for known vulnerabilities of the libraries that the mirror is shipped with (pip-audit).

Exit status: 0 none are known, 1 some are, 2 nobody could be asked. A service that cannot be asked
is noticed by a version that is known to be vulnerable: if it finds nothing wrong with that one,
"nothing found" means nothing. AUDIT_URL names an OSV service of one's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CANARY = "jinja2==2.4.1"
SHIPPED = ("collective", "parquet")
CLEAN, VULNERABLE, UNASKED = 0, 1, 2
LIMIT_S = 120


def shipped(name: str = "mood-mirror", extras: tuple[str, ...] = SHIPPED) -> dict[str, str]:
    """Return name and version of every library that the mirror needs, and that those need."""
    found: dict[str, str] = {}
    waiting = [(name, extras)]
    seen = set()
    while waiting:
        asked = waiting.pop()
        if asked in seen:
            continue
        seen.add(asked)
        try:
            one = distribution(asked[0])
        except PackageNotFoundError:  # for another system or version of Python
            continue
        found[canonicalize_name(asked[0])] = one.version
        for text in one.requires or []:
            need = Requirement(text)
            if wanted(need, asked[1]):
                waiting.append((canonicalize_name(need.name), tuple(sorted(need.extras))))
    del found[name]
    return found


def wanted(need: Requirement, extras: tuple[str, ...]) -> bool:
    """Return whether a requirement is one here, and with these extras."""
    return need.marker is None or any(need.marker.evaluate({"extra": e}) for e in ("", *extras))


def asked(pins: list[str], service: list[str]) -> list[dict[str, Any]] | None:
    """Return what a service says of each pinned library, or None if it does not answer."""
    words = ["--requirement", "/dev/stdin", "--no-deps", "--disable-pip", "--format", "json"]
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner", "off", *words, *service]
    try:
        done = subprocess.run(
            command,
            input="\n".join(pins),
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        found: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError):
        return None
    return found


def services() -> list[list[str]]:
    """Return the options for each service that may be asked, in turn."""
    own = os.environ.get("AUDIT_URL", "")
    osv = ["--vulnerability-service", "osv"]
    if own:
        return [[*osv, "--osv-url", own]]
    return [["--vulnerability-service", "pypi"], osv]


def knows(service: list[str]) -> bool:
    """Return whether a service knows what everybody knows."""
    answer = asked([CANARY], service)
    return bool(answer and answer[0].get("vulns"))


def main() -> int:
    """Ask the first service that knows anything."""
    libraries = shipped()
    service = next((one for one in services() if knows(one)), None)
    if service is None:
        return unasked("no service of advisories (PyPI, OSV) answers from here")
    answer = asked([f"{name}=={version}" for name, version in sorted(libraries.items())], service)
    if answer is None:
        return unasked("the service of advisories stopped answering")
    skipped = [one["name"] for one in answer if one.get("skip_reason")]
    bad = [one for one in answer if one.get("vulns")]
    for one in bad:
        for flaw in one["vulns"]:
            fixed = ", ".join(flaw["fix_versions"]) or "not yet"
            print(f"{one['name']} {one['version']}: {flaw['id']} (fixed in: {fixed})")
    if bad:
        return VULNERABLE
    if skipped:
        return unasked(f"the service does not know {', '.join(skipped)}")
    print(f"audit: none of the {len(libraries)} libraries has a known vulnerability")
    return CLEAN


def unasked(why: str) -> int:
    """Say what nobody should overlook."""
    bar = "!" * 78
    print(f"{bar}\nNOT AUDITED: {why}.")
    print(f"Whether a library has a known vulnerability was NOT found out.\n{bar}")
    return UNASKED


if __name__ == "__main__":
    sys.exit(main())
