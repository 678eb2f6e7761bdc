#!/bin/sh
# Prints how pip gets to its packages from here, as NAME=VALUE, for a pip that does not see our settings:
# network.sh PIP... What is a folder of this machine is left out.
set -eu
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY PIP_RETRIES PIP_DEFAULT_TIMEOUT; do
    value=$(printenv "$name") && echo "$name=$value"
done
for key in index-url extra-index-url trusted-host; do
    name=PIP_$(echo "$key" | tr a-z- A-Z_)
    value=$(printenv "$name" || "$@" config get "global.$key" 2>/dev/null) || continue
    case $value in *file:* | /* | *' '*) ;; *) echo "$name=$value" ;; esac
done
