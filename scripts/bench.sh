#!/usr/bin/env bash
# Usage: bench.sh [ARGUMENTS OF bench-step]
# Builds the benchmarks in build/bench and times training steps; build/bench/bench-kernels times
# each kernel alone. Nothing else should run on the machine at the same time.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/setup.sh"
if ! dpkg-query -W libbenchmark-dev >/dev/null 2>&1 && command -v apt-get >/dev/null; then
  sudo=
  ((EUID == 0)) || sudo=sudo
  $sudo apt-get install --no-install-recommends -y libbenchmark-dev >&2
fi
torch=$(sed -n 's/^Torch_DIR:[A-Z]*=//p' "$root/build/CMakeCache.txt")
cmake -S "$root" -B "$root/build/bench" -D SNN_BUILD_TESTS=OFF -D SNN_BUILD_BENCHMARKS=ON \
  -D CMAKE_BUILD_TYPE=Release -D "Torch_DIR=$torch" >/dev/null
cmake --build "$root/build/bench" --parallel "$(nproc)" --target bench-step bench-kernels >&2
exec "$root/build/bench/bench-step" "$@"
