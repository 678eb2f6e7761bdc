#!/bin/sh
# The audit of the libraries. With "tell", that nobody could be asked is said, loudly, and is no failure.
set -u
.venv/bin/python scripts/audit.py
status=$?
if [ "$status" = 2 ] && [ "${1:-}" = tell ]; then exit 0; fi
exit "$status"
