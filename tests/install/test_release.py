"""What `make release` writes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import mirrord
from mirrord.updates.release import release_in
from tests.install.test_deb import KINDS
from tests.packages import ROOT, run

pytestmark = [pytest.mark.install, pytest.mark.timeout(7200)]


def release(folder: Path) -> None:
    run("sh", "scripts/release.sh", cwd=ROOT, env=os.environ | {"RELEASE_OUT": str(folder)})


def test_a_release_is_complete_and_its_lists_of_parts_are_true(
    package_for: Callable[[str, str], Path], tmp_path: Path
):
    packages = [package_for(*kind) for kind in KINDS]
    for one in packages:
        shutil.copy(one, tmp_path)
    (tmp_path / "mood_mirror-0.0.1.tar.gz").write_text("of the release before")
    release(tmp_path)
    names = {one.name for one in tmp_path.iterdir()}
    version = mirrord.__version__
    assert names == {
        f"mood_mirror-{version}.tar.gz",
        f"mood_mirror-{version}-py3-none-any.whl",
        *(one.name for one in packages),
        *(f"{one.stem}.cdx.json" for one in packages),
        "AUDIT.txt",
        "release.json",
        "SHA256SUMS",
    }
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=tmp_path)
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == len(names) - 1
    told = release_in((tmp_path / "release.json").read_bytes())
    assert {one.name for one in told.files} == names - {"release.json", "SHA256SUMS"}
    assert told.version == version
    for one in packages:
        names_all_parts(tmp_path / one.name)


def names_all_parts(package: Path) -> None:
    bill = json.loads(package.with_name(f"{package.stem}.cdx.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "mood-mirror"
    listed = {(one["name"].lower(), one["version"]) for one in bill["components"]}
    files = run("dpkg-deb", "-c", package).stdout.split()
    packed = {one.split("/")[-2] for one in files if one.endswith(".dist-info/METADATA")}
    for one in packed:
        name, version = one.removesuffix(".dist-info").rsplit("-", 1)
        found = {name.lower().replace("_", x) for x in "-_."} & {
            n for n, v in listed if v == version
        }
        assert found or name == "mood_mirror", one
    assert len(listed) >= len(packed) - 1
