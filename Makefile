# Two commands: `make run` and `make test`. Everything else is a part of them or a measurement.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# Where the environment forbids compiled files, every worker of the tests and every mirror that they
# start would compile everything again.
export PYTHONDONTWRITEBYTECODE =

.PHONY: run run-collective setup test test-hub lint compiled bench drill soak soak-sync parity clean deb debs release audit test-install

run: setup
	$(BIN)/mirrord demo

# The collective with a few simulated mirrors, at http://127.0.0.1:8090.
run-collective: .venv/collective.stamp
	$(BIN)/mirrord collective demo

.venv/collective.stamp: .venv/run.stamp
	$(BIN)/python -m pip install --quiet --editable '.[collective]'
	@touch $@

setup: .venv/run.stamp

.venv/run.stamp: pyproject.toml scripts/setup.sh
	PYTHON=$(PYTHON) sh scripts/setup.sh run
	@touch $@

.venv/test.stamp: .venv/run.stamp scripts/setup_tests.sh tests/peers/package.json
	PYTHON=$(PYTHON) sh scripts/setup_tests.sh
	@touch $@

# Five browsers, brokers and databases at once on two cores are late now and then: what fails side by
# side is judged once more, by itself. A fault fails there, too.
define judged
$(BIN)/python -m pytest -m "$(1) and not hub and not install" $(2) || \
	{ echo "Once more, one by one:"; $(BIN)/python -m pytest -m "$(1) and not hub and not install" --lf --lfnf=none -n 0; }
endef

test: .venv/test.stamp
	$(MAKE) -j 2 -O lint compiled
	$(call judged,not alone,-n 5 --dist worksteal)
	$(call judged,alone,-n 2 --dist loadfile)
	@sh scripts/audit.sh tell

# Compile the tests once, on the core that mypy leaves, instead of in every worker.
compiled: .venv/test.stamp
	$(BIN)/python -m pytest --collect-only -q > /dev/null || true  # what is wrong is said by the tests

# With a real Home Assistant (700 MB in .hub): see docs/hub.md.
test-hub: .venv/test.stamp
	PYTHON=$(PYTHON) sh scripts/setup_hub.sh
	$(BIN)/python -m pytest -m hub

# Packages for others, each made in a fresh Debian of its kind: see docs/install.md.
# make deb SUITE=trixie ARCH=arm64; without them this machine's own release and processor.
SUITE ?=
ARCH ?=
deb: .venv/run.stamp
	SUITE="$(SUITE)" ARCH="$(ARCH)" sh scripts/deb/make.sh

debs: .venv/run.stamp
	SUITE="bookworm trixie" ARCH="amd64 arm64" sh scripts/deb/make.sh

release: .venv/test.stamp
	sh scripts/release.sh

audit: .venv/test.stamp
	sh scripts/audit.sh

# Installs them into fresh systems; needs root and an hour or more, most of it in QEMU.
test-install: .venv/test.stamp
	sh scripts/setup_install.sh
	$(BIN)/python -m pytest -m install -p no:xdist

lint: .venv/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/test.stamp
	$(BIN)/python -m tests.bench

# Breaks everything on purpose, in a simulated room: see docs/reliability.md.
drill: .venv/run.stamp
	$(BIN)/mirrord drill

SECONDS ?= 14400
soak: .venv/run.stamp
	$(BIN)/mirrord drill --soak $(SECONDS)

# Thousands of random lives of a mirror and its collective: make soak-sync FROM=1000 LIVES=2000
FROM ?= 1000
LIVES ?= 2000
soak-sync: .venv/test.stamp
	$(BIN)/python -m tests.sync_schedule --from $(FROM) --count $(LIVES)
	KILLS=100 $(BIN)/python -m pytest tests/test_sync_kills.py

parity: .venv/test.stamp
	sh scripts/parity.sh

clean:
	rm -rf .venv .peers .hub
