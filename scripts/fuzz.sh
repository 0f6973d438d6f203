#!/usr/bin/env bash
# Fuzzes all readers of files, flags and texts, guided by coverage, under sanitizers.
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: fuzz.sh [SECONDS [READER...]]

Builds build/fuzz/snn-fuzz with clang (AddressSanitizer, UndefinedBehaviorSanitizer, libFuzzer) and
runs each reader, or those named, for SECONDS seconds (default 60). The corpus is kept in
build/fuzz/corpus; an input that crashes a reader is written to build/fuzz/crash-*, and belongs in
tests/fuzz/found/READER once the reader is fixed.

Exit status: 0 no crash, 1 a reader crashed, 2 wrong usage or no clang.
EOT
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build/fuzz
seconds=${1-60}
if [[ ! $seconds =~ ^[0-9]+$ ]]; then
  usage
  [[ $seconds == -h || $seconds == --help ]] && exit 0
  exit 2
fi
shift $(($# > 0 ? 1 : 0))

if ! command -v clang++ >/dev/null; then
  echo "fuzz: clang++ is needed, with libFuzzer (Debian: clang, libclang-rt-14-dev)" >&2
  exit 2
fi
cmake -S "$root" --preset fuzz >/dev/null
cmake --build "$build" --target snn-fuzz
"$build/snn-fuzz" --seeds "$build/corpus"

mapfile -t names < <("$build/snn-fuzz")
(($# == 0)) || names=("$@")
status=0
cd "$build"
for name in "${names[@]}"; do
  printf 'fuzz: %s\n' "$name" >&2
  ./snn-fuzz "$name" "corpus/$name" -max_total_time="$seconds" -rss_limit_mb=4096 -timeout=20 \
    -max_len=8192 -artifact_prefix="$build/crash-$name-" -print_final_stats=1 2>"$name.log" || {
    status=1
    tail -n 25 "$name.log" >&2
  }
  grep -h 'stat::number_of_executed_units' "$name.log" >&2 || true
done
exit $status
