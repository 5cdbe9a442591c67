#!/usr/bin/env bash
# What a newcomer meets: a clone of the last commit, Node 20 and npm from the system, no pnpm, nothing in any cache.
# Each command is tried as the first thing run, and then the other one. `fresh-clone.sh quickstart` and
# `fresh-clone.sh test` run only that command. FRESH_PATH names the system's folders, /usr/bin:/bin by default.
set -euo pipefail

only=${1:-}
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A run that was started by npm must not hand its settings on; those of the user and the machine stay.
for name in $(compgen -e | grep -iE '^(npm|pnpm)_' | grep -viE '^npm_config_(registry|userconfig|globalconfig)$'); do
  unset "$name"
done
unset NIGHTLY FC_SEED NODE_OPTIONS NODE_PATH PNPM_HOME
export PATH=${FRESH_PATH:-/usr/bin:/bin}

if command -v pnpm >/dev/null; then
  echo "pnpm is on $PATH: this would not be a fresh machine" >&2
  exit 2
fi
echo "Node $(node --version), npm $(npm --version), no pnpm"
if [ -n "$(git -C "$root" status --porcelain)" ]; then
  echo "Note: only what is committed is cloned"
fi

run() {
  local started=$SECONDS
  echo "== npm run $1, in the clone that begins with ${2}"
  if ! npm run "$1"; then
    echo "== npm run $1 FAILED after $((SECONDS - started)) s"
    exit 1
  fi
  echo "== npm run $1 took $((SECONDS - started)) s"
}

clone() {
  local first=$1 command
  git clone --quiet "$root" "$scratch/$first/leadterra"
  cd "$scratch/$first/leadterra"
  export npm_config_cache=$scratch/$first/npm-cache
  export XDG_DATA_HOME=$scratch/$first/data XDG_CACHE_HOME=$scratch/$first/cache XDG_STATE_HOME=$scratch/$first/state
  for command in "$@"; do run "$command" "$first"; done
  if [ -n "$(git status --porcelain)" ]; then
    echo "== the clone has files that git neither knows nor ignores, or changed ones:"
    git status --short
    exit 1
  fi
}

case $only in
  "")
    clone quickstart test
    clone test quickstart
    ;;
  quickstart | test) clone "$only" ;;
  *) echo "usage: scripts/fresh-clone.sh [quickstart|test]" >&2 && exit 2 ;;
esac
