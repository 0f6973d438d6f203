#!/usr/bin/env bash
# Installs what a build needs and builds the programs; train.sh and test.sh begin with it.
set -euo pipefail

usage() {
  cat <<'EOF'
Usage: setup.sh [--tests]

Installs missing packages (Debian, Ubuntu), configures and builds the programs in build/. --tests
also builds the tests, and installs Chromium for one of them if it is available. Finished steps are
skipped. Details go to build/setup.log.

LibTorch is the first one found of: the one that Torch_DIR, Torch_ROOT or CMAKE_PREFIX_PATH point
at, the one that build/ is configured with, Debian's libtorch-dev, Python's torch package in
build/venv.

Exit status: 0 built, 1 the build failed, 2 a requirement is missing and cannot be installed here.
EOF
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
build=$root/build
log=$build/setup.log
tests=OFF
needs=

case "$#:${1-}" in
  0:) ;;
  1:--tests) tests=ON ;;
  1:-h | 1:--help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac

say() { printf 'setup: %s\n' "$*" >&2; }

# step TEXT COMMAND…: prints TEXT and runs the command; its output goes to the log and is shown on
# failure.
step() {
  local text=$1 before
  shift
  say "$text"
  printf '\n== %s: %s\n' "$(date '+%F %T')" "$*" >>"$log"
  before=$(wc -l <"$log")
  if "$@" >>"$log" 2>&1 </dev/null; then return; fi
  tail -n "+$((before + 1))" "$log" | tail -n 30 >&2
  if [[ -n $needs ]]; then
    say "$needs"
    exit 2
  fi
  say "failed; the complete output is in $log"
  exit 1
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

has() { command -v "$1" >/dev/null; }

# Prints the value of a variable in the CMake cache of build/.
cached() { sed -n "s/^$1:[A-Z]*=//p" "$build/CMakeCache.txt" 2>/dev/null || true; }

# Prints the folder of TorchConfig.cmake found in one of the places given.
find_torch() {
  local place folder
  for place in "$@"; do
    [[ -n $place ]] || continue
    for folder in "$place"{,/Torch,/share/cmake/Torch,/lib/cmake/Torch,/lib/*/cmake/Torch}; do
      [[ ! -e $folder/TorchConfig.cmake ]] || {
        printf '%s\n' "$folder"
        return
      }
    done
  done
}

# Prints the packages given that are not installed.
missing() {
  local package status
  for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [[ $status == installed ]] || printf '%s\n' "$package"
  done
}

# Succeeds if apt knows the package.
available() { [[ $(LC_ALL=C apt-cache policy "$1") == *"Candidate: "[^\(]* ]]; }

install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y "$@"
}

# Installs Python's torch package in build/venv. Its CPU libraries, which suffice without a CUDA
# toolkit, need only two of the many packages that it depends on.
install_torch() {
  local python=$build/venv/bin/python needed
  python3 -m venv "$build/venv"
  if has nvcc; then
    "$python" -m pip install torch
    return
  fi
  "$python" -m pip install --no-deps torch
  mapfile -t needed < <(sed -nE '
    s/^Requires-Dist: (nvidia-cuda-(runtime|cupti)-cu[0-9]+==[^; ]+).*/\1/p
    s/^Requires-Dist: cuda-toolkit\[[^]]*\](==[^; ]+).*/cuda-toolkit[cudart,cupti]\1/p
    ' "$build"/venv/lib/python3*/site-packages/torch-*.dist-info/METADATA)
  ((${#needed[@]} == 0)) || "$python" -m pip install "${needed[@]}"
}

mkdir -p "$build"
if has flock; then  # one setup at a time
  exec 9>"$build/setup.lock"
  flock 9
fi

# Find LibTorch, as far as it is known.
if [[ -n ${Torch_DIR-}${Torch_ROOT-} && -z $(find_torch "${Torch_DIR-}" "${Torch_ROOT-}") ]]; then
  say "there is no TorchConfig.cmake in ${Torch_DIR:-$Torch_ROOT}, where Torch_DIR or Torch_ROOT points"
  exit 2
fi
IFS=: read -r -a prefixes <<<"${CMAKE_PREFIX_PATH-}"
torch=$(find_torch "${Torch_DIR-}" "${Torch_ROOT-}" "${prefixes[@]}" "$(cached Torch_DIR)")

# Find the missing packages.
packages=(ca-certificates curl libcli11-dev libspdlog-dev libyaml-cpp-dev nlohmann-json3-dev
  zlib1g-dev)
has "${CXX:-c++}" || packages+=(g++)
has cmake || packages+=(cmake)
has ninja || has make || packages+=(ninja-build)
[[ $tests == OFF ]] || packages+=(libgtest-dev libgmock-dev)
# Debian's LibTorch multiplies matrices twenty times faster with OpenBLAS than without.
torch_packages=(libtorch-dev libopenblas0-openmp)
[[ -z $torch ]] || torch_packages=()

if has apt-get && has dpkg-query; then
  mapfile -t lacking < <(missing "${packages[@]}" "${torch_packages[@]}")
  if ((${#lacking[@]} > 0)) && ((EUID != 0)) && ! has sudo; then
    needs="these packages are needed, but sudo is missing to install them: ${lacking[*]}"
  elif ((${#lacking[@]} > 0)); then
    step "updating the package lists" as_root apt-get update
    if [[ -z $torch ]] && ! available libtorch-dev; then
      mapfile -t lacking < <(missing "${packages[@]}" python3-venv)
      torch=pip
    fi
    ((${#lacking[@]} == 0)) || step "installing ${lacking[*]}" install "${lacking[@]}"
    if [[ $torch == pip ]]; then
      step "installing Python's torch package in build/venv" install_torch
      torch=$(find_torch "$build"/venv/lib/python3*/site-packages/torch)
    fi
  fi
else
  needs="needed: a C++20 compiler, CMake 3.25 or newer, Ninja or make, LibTorch 1.13 or newer (with \
Torch_DIR or CMAKE_PREFIX_PATH pointing at it), CLI11, spdlog, yaml-cpp, nlohmann-json, zlib"
  [[ $tests == OFF ]] || needs+=", GoogleTest"
fi

# A browser opens the reports in a test. Without one, only that test is skipped.
if [[ $tests == ON ]] && has apt-get && has dpkg-query && ! has chromium && available chromium &&
  { ((EUID == 0)) || has sudo; }; then
  say "installing chromium"
  install chromium >>"$log" 2>&1 </dev/null ||
    say "chromium cannot be installed here: the test that opens reports in a browser is skipped"
fi

# These tools check the sources. Without them, only two tests are skipped.
if [[ $tests == ON ]] && has apt-get && has dpkg-query && { ((EUID == 0)) || has sudo; }; then
  for package in clang-format-14 clang-tidy-14; do
    if has "$package" || ! available "$package"; then continue; fi
    say "installing $package"
    install "$package" >>"$log" 2>&1 </dev/null ||
      say "$package cannot be installed here: a test that checks the sources is skipped"
  done
fi

# Configure, unless build/ is already configured for this.
arguments=(-S "$root" -B "$build" -D "SNN_BUILD_TESTS:BOOL=$tests")
[[ $tests == OFF ]] || arguments+=(-D SNN_WARNINGS_AS_ERRORS:BOOL=ON)
[[ -z $torch ]] || arguments+=(-D "Torch_DIR:PATH=$torch")
configured=$(cached Torch_DIR)
if [[ ! -e $build/CMakeCache.txt ]]; then
  ! has ninja || arguments+=(-G Ninja)
  arguments+=(-D CMAKE_EXPORT_COMPILE_COMMANDS:BOOL=ON)
elif [[ -n $torch && $torch != "$configured" ]]; then
  arguments+=(--fresh)  # otherwise paths into the other LibTorch would stay in the cache
fi
if [[ ! -e $build/build.ninja && ! -e $build/Makefile ]] ||
  [[ -n $torch && $torch != "$configured" ]] ||
  [[ $tests == ON && $(cached SNN_BUILD_TESTS)$(cached SNN_WARNINGS_AS_ERRORS) != ONON ]]; then
  step "configuring build/" cmake "${arguments[@]}"
fi
needs=

# Build, with as many jobs as there are cores and memory: a file with torch's headers takes 2 GB.
targets=(snn-train snn-eval snn-sweep snn-report snn-neuron)
[[ $tests == OFF ]] || targets=(all)
if [[ -e $build/build.ninja ]] && has ninja &&
  [[ $(ninja -C "$build" -n "${targets[@]}" 2>&1) == *"no work to do"* ]]; then
  exit 0
fi
jobs=$(nproc)
memory=$(awk '/^MemAvailable:/ {print int($2 / 2000000)}' /proc/meminfo)
((memory >= jobs)) || jobs=$((memory > 1 ? memory : 1))
step "building (some minutes the first time)" \
  cmake --build "$build" --parallel "$jobs" --target "${targets[@]}"
