#!/usr/bin/env bash
# Times snn-train beside snnTorch, SpikingJelly, Norse and Spyx, and prints a Markdown table.
set -euo pipefail

usage() {
  cat <<'EOT'
Usage: bench-peers.sh [--network deep|recurrent] [PEER…]

Trains 784-500-10 on MNIST (T = 25, batch 128, Adam) with snn-train and each of the peers in
turn, with 1 and 2 threads, in three rounds; prints the median time per batch. PEER is snntorch,
snntorch-hoist, snntorch-compile, spikingjelly, norse, norse-compile or spyx; default: all of them.

Other networks: deep, 784-500-500-10, with the peers snntorch-compile, spikingjelly, norse-compile
and jax (by hand); recurrent, 784-500-10 with all-to-all recurrence of the 500 neurons, with
snntorch, snntorch-compile and jax.

The first call installs them in virtual environments under build/peers (7 GB); PEERS_VENV and
JAX_VENV give existing environments instead. Nothing else should run on the machine at the same time.
EOT
}

case "${1-}" in
  -h | --help)
    usage
    exit 0
    ;;
esac

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
data=$root/data/mnist
rounds=${ROUNDS:-3}
network=default
if [[ ${1-} == --network ]]; then
  network=${2-}
  shift $(($# > 1 ? 2 : 1))
fi
case $network in
  default)
    all_peers=(snntorch snntorch-hoist snntorch-compile spikingjelly norse norse-compile spyx)
    ours=()
    ;;
  deep)
    all_peers=(snntorch-compile spikingjelly norse-compile jax)
    ours=(--hidden 500,500)
    ;;
  recurrent)
    all_peers=(snntorch snntorch-compile jax)
    ours=(--layers '[{"linear":{"outputs":500},"rleaky":{"recurrence":"dense"}},
                     {"linear":{"outputs":10},"leaky":{}}]')
    ;;
  *)
    printf "bench-peers: --network: expected deep or recurrent, found '%s'\n" "$network" >&2
    exit 2
    ;;
esac
peers=("$@")
((${#peers[@]} > 0)) || peers=("${all_peers[@]}")
export PYTHONDONTWRITEBYTECODE=1

say() { printf 'bench-peers: %s\n' "$*" >&2; }

# environment FOLDER PACKAGE…: creates a virtual environment with the packages.
environment() {
  local folder=$1
  shift
  [[ ! -x $folder/bin/python ]] || return 0
  say "installing $* in $folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --no-cache-dir "$@" >&2
}

"$root/scripts/setup.sh"
"$root/scripts/get-data.sh" mnist >&2
torch_venv=${PEERS_VENV:-$root/build/peers/torch}
jax_venv=${JAX_VENV:-$root/build/peers/jax}
for peer in "${peers[@]}"; do
  case $peer in
    spyx | jax) environment "$jax_venv" 'jax[cpu]' spyx flax optax ;;
    *) environment "$torch_venv" torch snntorch spikingjelly norse ;;
  esac
done

# Prints the milliseconds per batch of a peer.
time_peer() {
  local peer=$1 threads=$2 venv=$torch_venv
  [[ $peer != spyx && $peer != jax ]] || venv=$jax_venv
  if [[ $network != default ]]; then
    "$venv/bin/python" "$root/bench/peers/deeper_peers.py" "$peer" "$network" "$threads" "$data" 2>/dev/null
  elif [[ $peer == spyx ]]; then
    "$venv/bin/python" "$root/bench/peers/spyx_peer.py" "$threads" "$data" 200 2>/dev/null
  else
    "$venv/bin/python" "$root/bench/peers/torch_peers.py" "$peer" "$threads" "$data" 2>/dev/null
  fi | sed -nE 's/.*median +([0-9.]+) ms.*/\1/p'
}

time_ours() {
  local engine=$1 threads=$2 out
  out=$(mktemp -d)
  # The result is the median epoch divided by its 469 batches.
  SNN_DATA_DIR=$root/data "$root/build/snn-train" --quiet --json --engine "$engine" \
    ${ours[@]+"${ours[@]}"} --threads "$threads" --epochs "$([[ $engine == fused ]] && echo 5 || echo 1)" --out-dir "$out" |
    python3 -c '
import json, statistics, sys
print("%.3f" % (statistics.median(json.load(sys.stdin)["epoch_seconds"]) / 469 * 1000))'
  rm -rf "$out"
}

results=$(mktemp)
trap 'rm -f "$results"' EXIT
for ((round = 1; round <= rounds; ++round)); do
  for threads in 1 2; do
    for name in fused "${peers[@]}" reference; do
      say "round $round: $name, $threads thread(s)"
      case $name in
        fused | reference) time=$(time_ours "$name" "$threads") ;;
        *) time=$(time_peer "$name" "$threads") ;;
      esac
      printf '%s %s %s\n' "$name" "$threads" "$time" >>"$results"
    done
  done
done

python3 - "$results" <<'EOT'
import collections, statistics, sys

times = collections.defaultdict(list)
names = []
for line in open(sys.argv[1]):
    name, threads, *time = line.split()
    if name not in names:
        names.append(name)
    if time:
        times[name, threads].append(float(time[0]))

def cell(name, threads):
    values = times[name, threads]
    return statistics.median(values) if values else None

print("| | 1 thread, ms a batch | 2 threads | slower than snn-train with 2 threads |")
print("|---|---|---|---|")
ours = cell("fused", "2")
for name in names:
    one, two = cell(name, "1"), cell(name, "2")
    label = f"**snn-train, {name} engine**" if name in ("fused", "reference") else name
    text = lambda value: "-" if value is None else f"{value:.2f}"
    ratio = "-" if two is None else f"{two / ours:.1f} times"
    print(f"| {label} | {text(one)} | {text(two)} | {ratio} |")
EOT
