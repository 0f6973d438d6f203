#!/usr/bin/env bash
# Usage: train.sh [FLAGS OF snn-train]
# Installs what is missing, fetches the data set given by the flags, and trains.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

# Prints the value of the last --NAME VALUE or --NAME=VALUE in the flags.
flag() {
  local name=$1 value=
  shift
  while (($# > 0)); do
    case $1 in
      "--$name") value=${2-} ;;
      "--$name="*) value=${1#*=} ;;
    esac
    shift
  done
  printf '%s' "$value"
}

# Prints the value of a key in a YAML file.
key() { sed -nE "s/^[\"']?$1[\"']?[[:space:]]*:[[:space:]]*[\"']?([^\"'#[:space:]]*).*/\1/p" "$2"; }

"$root/scripts/setup.sh"
export SNN_DATA_DIR=${SNN_DATA_DIR:-$root/data}

dataset=$(flag dataset "$@")
config=$(flag config "$@")
data_dir=$(flag data-dir "$@")
if [[ -f $config ]]; then
  dataset=${dataset:-$(key dataset "$config")}
  data_dir=${data_dir:-$(key data-dir "$config")}
fi
dataset=${dataset:-mnist}

case " $* " in
  *" --help "* | *" -h "* | *" --version "* | *" --print-config "* | *" --completion"* | *" --dry-run "*) ;;
  *)
    # snn-train gives advice about data that could not be fetched, or an unknown name.
    if [[ -z $data_dir && ($dataset == mnist || $dataset == fashion-mnist) ]]; then
      "$root/scripts/get-data.sh" "$dataset" >&2 || true
    fi
    ;;
esac

exec "$root/build/snn-train" "$@"
