#!/bin/sh
# Installs exactly what pnpm-lock.yaml pins, Node 24 included, on a machine that has Node 20 or later and npm.
# pnpm decides what there is to do; when its copy of the lockfile is the same, it only speaks up about trouble.
set -eu
cd "$(dirname "$0")/.."

verbosity=info
if cmp -s pnpm-lock.yaml node_modules/.pnpm/lock.yaml; then
  verbosity=warn
else
  echo "Installing what pnpm-lock.yaml pins ..."
fi
sh scripts/pnpm.sh install --frozen-lockfile --prefer-offline --reporter=append-only --loglevel="$verbosity"
echo "Installed: Node $(node_modules/.bin/node --version) and the packages of pnpm-lock.yaml"
