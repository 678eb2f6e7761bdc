"""Tells whether packages were built from the sources of a wheel: same.py WHEEL EPOCH PACKAGE...

EPOCH is the time of the commit, which a package carries as its own: what no wheel has (units,
documents, scripts of the package) is of that commit, too.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

OWN = ("mirrord/", "mirrord_")
_RECORD = ".dist-info/RECORD"
_TIME = slice(24, 36)  # of the first member of the archive, see ar(5)


def main(wheel: Path, epoch: str, packages: list[Path]) -> int:
    """Say which packages are of other sources; return 1 if there is one."""
    wanted = _files(_of_wheel(wheel))
    other = [one for one in packages if _time(one) != epoch or _files(_of_package(one)) != wanted]
    for one in other:
        print(f"{one} was built from other sources: remove it, or build it again (make debs)")
    return 1 if other else 0


def _files(record: str) -> set[str]:
    """Return the lines (name, checksum, size) of our own files."""
    return {line for line in record.splitlines() if line.startswith(OWN)}


def _time(package: Path) -> str:
    with package.open("rb") as file:
        return file.read(_TIME.stop)[_TIME].decode().strip()


def _of_wheel(wheel: Path) -> str:
    with zipfile.ZipFile(wheel) as file:
        return file.read(next(n for n in file.namelist() if n.endswith(_RECORD))).decode()


def _of_package(package: Path) -> str:
    command = ["dpkg-deb", "--fsys-tarfile", str(package)]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE) as done,
        tarfile.open(fileobj=done.stdout, mode="r|") as files,
    ):
        for one in files:
            if one.name.endswith(_RECORD) and "/mood_mirror-" in one.name:
                found = files.extractfile(one)
                text = found.read().decode() if found else ""
                done.kill()
                return text
    return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], [Path(one) for one in sys.argv[3:]]))
