#!/usr/bin/env bash
# Usage: study.sh [FLAGS OF snn-sweep]
# Installs what is missing, fetches MNIST and repeats the study of docs/study.md, in sweeps/study.
# After an interruption it resumes.
set -euo pipefail
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)

"$root/scripts/setup.sh"
export SNN_DATA_DIR=${SNN_DATA_DIR:-$root/data}
"$root/scripts/get-data.sh" mnist >&2

exec "$root/build/snn-sweep" "$root/configs/study-sweep.yaml" "$@"
