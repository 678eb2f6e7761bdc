#!/bin/sh
# What `make test-install` makes fresh systems with, and boots them with.
set -eu
EXTRA_TOOLS="qemu-user-static systemd-container" sh scripts/roots/tools.sh "sudo make test-install" amd64 arm64
