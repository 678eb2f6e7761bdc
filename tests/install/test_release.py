"""What `make release` writes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import mirrord
from mirrord.updates.release import release_in
from tests.packages import ROOT, run

pytestmark = [pytest.mark.install, pytest.mark.timeout(1800)]


def test_a_release_is_complete_and_its_list_of_parts_true(tmp_path: Path):
    run(
        "sh",
        "scripts/release.sh",
        cwd=ROOT,
        env=os.environ | {"RELEASE_OUT": str(tmp_path), "DEB_LEVEL": "3"},
    )
    names = {one.name for one in tmp_path.iterdir()}
    package = next(one for one in names if one.endswith(".deb"))
    version = mirrord.__version__
    assert names == {
        f"mood_mirror-{version}.tar.gz",
        f"mood_mirror-{version}-py3-none-any.whl",
        package,
        "sbom.cdx.json",
        "AUDIT.txt",
        "release.json",
        "SHA256SUMS",
    }
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=tmp_path)
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == len(names) - 1
    told = release_in((tmp_path / "release.json").read_bytes())
    assert {one.name for one in told.files} == names - {"release.json", "SHA256SUMS"}
    assert told.version == version
    bill = json.loads((tmp_path / "sbom.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "mood-mirror"
    listed = {(one["name"].lower(), one["version"]) for one in bill["components"]}
    files = run("dpkg-deb", "-c", tmp_path / package).stdout.split()
    packed = {one.split("/")[-2] for one in files if one.endswith(".dist-info/METADATA")}
    for one in packed:
        name, version = one.removesuffix(".dist-info").rsplit("-", 1)
        found = {name.lower().replace("_", x) for x in "-_."} & {
            n for n, v in listed if v == version
        }
        assert found or name == "mood_mirror", one
    assert len(listed) >= len(packed) - 1
