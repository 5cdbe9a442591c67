#!/bin/sh
# The one version of pnpm, from npm: nothing has to be installed before.
exec npx --yes --loglevel=error pnpm@12.21.0 "$@"
