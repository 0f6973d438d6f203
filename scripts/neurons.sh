#!/usr/bin/env bash
# Usage: neurons.sh [FLAGS OF snn-train]
# Trains every kind of neuron on MNIST for one epoch and writes the last section of docs/neurons.md:
# accuracy, and milliseconds a batch of both engines, the median of rounds in which all kinds take
# turns. Needs a build and MNIST (scripts/train.sh gets both). ROUNDS=5.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
train=$root/build/snn-train
page=$root/docs/neurons.md
rounds=${ROUNDS:-5}
export SNN_DATA_DIR=${SNN_DATA_DIR:-$root/data}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# field NAME: the value of a field of JSON on standard input.
field() {
  sed -nE "s/.*\"$1\": ([^,}]*).*/\1/p" | head -n 1
}

# The kinds are in the message about an unknown one.
kinds=$({ "$train" --neuron '?' 2>&1 || true; } | sed -nE 's/.*expected a neuron \((.*)\), found.*/\1/p' |
  sed 's/, / /g; s/ or / /')
[[ -n $kinds ]] || { echo "neurons.sh: $train does not list its neurons" >&2; exit 1; }

# speed KIND ENGINE: appends the milliseconds a batch to a file; none if the engine refuses.
speed() {
  local kind=$1 engine=$2 rate
  rate=$("$train" "${flags[@]}" --neuron "$kind" --engine "$engine" --dry-run --json 2>/dev/null |
    field samples_per_second) || return 0
  awk -v rate="$rate" 'BEGIN { print 128 * 1000 / rate }' >>"$work/$kind.$engine"
}

# median FILE: of its lines, with two digits; a dash if there is none.
median() {
  [[ -s $1 ]] || { echo "-"; return; }
  sort -g "$1" | awk '{ all[NR] = $1 } END {
    m = NR % 2 ? all[(NR + 1) / 2] : (all[NR / 2] + all[NR / 2 + 1]) / 2
    printf m < 10 ? "%.1f\n" : "%.0f\n", m
  }'
}

flags=(--batch-size 128 --out-dir "$work/runs" "$@")
for ((round = 1; round <= rounds; ++round)); do
  for kind in $kinds; do
    echo "round $round of $rounds: $kind" >&2
    speed "$kind" fused
    speed "$kind" reference
  done
done

{
  echo '## One epoch of MNIST'
  echo 'Every kind with its default options in 784-500-10, T = 25, batch 128. The options are not tuned: the table'
  echo 'shows that each trains, and what it costs. A dash is an engine that does not compute the kind.'
  echo
  echo '| `--neuron` | test accuracy after one epoch | ms a batch, fused | ms a batch, reference |'
  echo '|---|---|---|---|'
  for kind in $kinds; do
    echo "training $kind" >&2
    accuracy=$("$train" "${flags[@]}" --neuron "$kind" --epochs 1 --no-report --json 2>/dev/null |
      field test_accuracy)
    printf '| `%s` | %s %% | %s | %s |\n' "$kind" \
      "$(awk -v share="$accuracy" 'BEGIN { printf "%.2f", 100 * share }')" \
      "$(median "$work/$kind.fused")" "$(median "$work/$kind.reference")"
  done
  echo
  version=$("$train" --version | cut -d ' ' -f 1,2 | tr -d ,)
  cpu=$(sed -nE 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
  printf '`scripts/neurons.sh%s` with %s on %s, %s threads, medians of %s rounds.\n' \
    "${*:+ $*}" "$version" "${cpu:-an unknown processor}" "${OMP_NUM_THREADS:-$(nproc)}" "$rounds"
} >"$work/section"

# The section is the last of the page.
sed '/^## One epoch of MNIST$/,$d' "$page" | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$work/page"
{ cat "$work/page"; echo; cat "$work/section"; } >"$page"
cat "$work/section"
