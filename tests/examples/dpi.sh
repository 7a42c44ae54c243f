#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# dpi.sh SOURCE LIBRARY WORK: Verilates examples/dpi around the golden model and runs it; then once more with a design that is wrong.
set -euo pipefail
source=$1 library=$2 work=$3
rm -rf "$work" && mkdir -p "$work"
bench() {  # bench NAME DESIGN
  verilator --binary --timing -Wno-fatal -Mdir "$work/$1" --top-module bench -o bench "$source/rtl/vit_pkg.sv" "$2" "$source/examples/dpi/bench.sv" \
    "$library" -LDFLAGS "-Wl,-rpath,$(dirname "$library")" >"$work/$1.log" 2>&1 || { cat "$work/$1.log"; exit 1; }
}
bench right "$source/examples/dpi/mac_array.sv"
"$work/right/bench"
sed 's/a_i\[i\*8 +: 8\]) \*/a_i[(i^1)*8 +: 8]) */' "$source/examples/dpi/mac_array.sv" >"$work/mac_array.sv"
bench wrong "$work/mac_array.sv"
if "$work/wrong/bench" >"$work/wrong.txt" 2>&1; then echo "a wrong design passed"; exit 1; fi
grep -q "the model says" "$work/wrong.txt"
