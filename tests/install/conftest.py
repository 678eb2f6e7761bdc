"""The packages of a release, built once for all of these tests, and systems for them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests import packages
from tests.install.roots import Root, debian, own_arch, own_suite


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return packages.wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def package_for(
    wheel: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str, str], Path]:
    """Find the package for a release and a processor in dist/, or build it."""
    folder = tmp_path_factory.mktemp("debs")

    @cache
    def found(suite: str, arch: str) -> Path:
        return packages.kept(wheel, suite, arch) or packages.fresh(folder, wheel, suite, arch)

    return found


@pytest.fixture(scope="session")
def package(package_for: Callable[[str, str], Path]) -> Path:
    """The package for this machine."""
    return package_for(own_suite(), own_arch())


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Root]]:
    """Make systems that are removed again: each takes more than a gigabyte."""
    made: list[Path] = []

    def make(arch: str, include: list[str], *options: str, suite: str = "") -> Root:
        made.append(tmp_path_factory.mktemp(arch))
        return debian(made[-1] / "root", arch, include, *options, suite=suite)

    yield make
    for one in made:
        shutil.rmtree(one)


@pytest.fixture(autouse=True)
def tells_how_long_it_took(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> Iterator[None]:
    began = time.monotonic()
    yield
    with capsys.disabled():
        print(f"\n{request.node.name}: {time.monotonic() - began:.0f} s")
