#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# platform.sh SOURCE BUILD WORK: installs BUILD below WORK and builds and runs examples/platform against it.
set -euo pipefail
source=$1 build=$2 work=$3
rm -rf "$work" && mkdir -p "$work"
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
cmake -G Ninja -S "$source/examples/platform" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/configure.log"
cmake --build "$work/build"
"$work/build/platform"
# The program finds its own beside itself.
(cd / && "$work/prefix/bin/vitruvian" validate >"$work/validate.txt")
