#!/usr/bin/env bash
# Usage: faults.sh [STRIDE]
# Kills snn-train and snn-sweep at every STRIDE-th call that changes a file (default 1: each), makes
# such calls fail, fills the disk, and checks that the remaining files resume to the same result.
# The tests do the same with a larger stride. Needs the tests built (scripts/setup.sh --tests).
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
SNN_FAULT_STRIDE=${1-1} exec "$root/build/tests/fault_test"
