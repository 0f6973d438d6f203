#!/usr/bin/env bash
# Usage: lint.sh format | tidy BUILD
# format: checks that every source is formatted by clang-format. tidy: checks that clang-tidy finds
# nothing in the rooms of src/ that include neither torch, with which a file takes a minute, nor
# intrinsics, which it misreads. BUILD has their compile commands. Exit status: 0 clean, 1 findings,
# 77 the tool is missing, which ctest reports as skipped.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

version=14  # other versions format and warn differently
rooms='text|system|numeric|data|report|sweep|single_neuron'

# skip WHAT: reports that the tool is missing.
skip() {
  echo "lint: $1; scripts/setup.sh --tests installs it where it can" >&2
  exit 77
}

# tool NAME: prints the command for NAME of the required version.
tool() {
  local command
  for command in "$1-$version" "$1"; do
    if command -v "$command" >/dev/null &&
      { [[ $command == "$1-$version" ]] || "$command" --version | grep -q "version $version\."; }; then
      printf '%s\n' "$command"
      return
    fi
  done
}

case "$#:${1-}" in
  1:format)
    format=$(tool clang-format)
    [[ -n $format ]] || skip "clang-format $version is missing"
    git rev-parse --is-inside-work-tree >/dev/null 2>&1 || skip "not a checkout: no list of sources"
    git ls-files -z '*.cpp' '*.h' '*.inc' | xargs -0 "$format" --dry-run -Werror
    ;;
  2:tidy)
    tidy=$(tool clang-tidy)
    [[ -n $tidy ]] || skip "clang-tidy $version is missing"
    [[ -e $2/compile_commands.json ]] || skip "$2 has no compile_commands.json"
    # The analyzer would double the time. Flags known only to g++ are not findings.
    find src -name '*.cpp' -print0 | grep -zE "^src/($rooms)/" |
      xargs -0 -n 1 -P "$(nproc)" "$tidy" -p "$2" --quiet --checks='-clang-analyzer-*' \
        --warnings-as-errors='*' --extra-arg=-Wno-unknown-warning-option
    ;;
  *)
    sed -n '2,6s/^# //p' "${BASH_SOURCE[0]}" >&2
    exit 2
    ;;
esac
