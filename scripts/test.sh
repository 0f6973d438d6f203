#!/usr/bin/env bash
# Usage: test.sh [ARGUMENTS OF ctest]
# Installs what is missing, builds with warnings as errors and runs every test.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/setup.sh" --tests

# Tests that train on real data report if the data could not be fetched.
"$root/scripts/get-data.sh" mnist >&2 || true
export SNN_DATA_DIR=${SNN_DATA_DIR:-$root/data}

exec ctest --test-dir "$root/build" --output-on-failure --no-tests=error --parallel "$(nproc)" "$@"
