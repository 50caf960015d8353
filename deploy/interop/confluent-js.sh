#!/usr/bin/env bash
# Confluent's official JavaScript client reads our embeddings through a registry.
#
#   ./accrete demo --keep --data /tmp/accrete-data         in one terminal; it prints the addresses and the topic
#   deploy/interop/confluent-js.sh BOOTSTRAP REGISTRY_URL TOPIC
#
# Needs Node.js 18 or newer with npm, which fetches the client (pinned in package-lock.json) on first use.
set -euo pipefail
[[ $# -eq 3 ]] || { echo "Usage: $0 BOOTSTRAP REGISTRY_URL TOPIC" >&2; exit 2; }
cd "$(dirname "${BASH_SOURCE[0]}")"
[[ -d node_modules ]] || npm ci --ignore-scripts --no-audit --no-fund
exec node read-embeddings.mjs "$@"
