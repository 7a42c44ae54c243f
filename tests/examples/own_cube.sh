#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# own_cube.sh SOURCE VITRUVIAN WORK: runs examples/own_cube in the cube's place, then cubes that cannot be one.
set -euo pipefail
source=$1 vitruvian=$2 work=$3
own=$source/examples/own_cube
workload=matmul:M=128,N=96,K=128,dtype=fp16,l0=32x96x64
rm -rf "$work" && mkdir -p "$work"

fail() { echo "own_cube: $*"; cat "$work/said.txt"; exit 1; }
# run CODE DIR ARGUMENTS...: with the cube of DIR; what it says is in said.txt.
run() {
  local code=0 wanted=$1 dir=$2
  shift 2
  "$vitruvian" run "$workload" --rtl "cube=$dir" --out "$work/run" "$@" >"$work/said.txt" 2>&1 || code=$?
  [ "$code" = "$wanted" ] || fail "$dir $*: exit code $code, not $wanted"
}
says() { grep -qE "$1" "$work/said.txt" || fail "says nothing of: $1"; }
# broken NAME SED: a folder with a copy of the example, changed.
broken() {
  mkdir "$work/$1"
  sed -E "$2" "$own/vit_cube.sv" >"$work/$1/vit_cube.sv"
  ! cmp -s "$own/vit_cube.sv" "$work/$1/vit_cube.sv" || { echo "own_cube: $1: nothing changed"; exit 1; }
}
result() { python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$work/run/result.json" "$1" || fail "not so: $1"; }

# Another latency, the same values; lockstep says where cycles differ. A far later cube's writes still find their mmads.
run 0 "$own"
result 'r["check"]["bit_exact"] and r["check"]["error_over_bound"] <= 1'
broken late 's/int Late       = 2;/int Late       = 20;/; s/(\* \$clog2\(K0\)\) \+) 1;/\1 Late - 1;/'
for cube in "$own" "$work/late"; do
  run 1 "$cube" --lockstep
  says 'SystemC = RTL +NO: 0 value and [1-9][0-9]* cycle mismatches'
  result 'r["check"]["bit_exact"] and r["rtl"]["lockstep"]["value_mismatches"] == 0 and r["rtl"]["lockstep"]["cycle_mismatches"] > 0'
done
# A value that is wrong is told as one: the lowest bit of every result.
broken values 's/\.out_word_o +\(l0c_wdata_o\)/.out_word_o(word)/; s/^  \/\/ Results\./  logic [M0*N0*32-1:0] word;\n  assign l0c_wdata_o = word ^ 1;/'
run 1 "$work/values" --lockstep
says 'NO: [1-9][0-9]* value and'

# What is no cube of ours is the user's to mend.
broken ports 's/output logic \[NA\*AW-1:0\] +l0a_addr_o/output logic [9:0] l0a_addr_o/; s/input  logic +uf_ok_i/output logic uf_ok_i/; /uf_claim_o/d; s/^  input  logic +clk_i,/&\n  input  logic fast_i,/'
run 2 "$work/ports"
says "$work/ports/vit_cube.sv: its ports are not those of .*/rtl/pipe/vit_cube.sv \(M0=16 "
says 'l0a_addr_o \(line [0-9]+\): is output, 10 bits; must be output, 20 bits'
says 'uf_ok_i \(line [0-9]+\): is output, 1 bit; must be input, 1 bit'
says 'uf_claim_o: is missing; must be output, 1 bit'
says 'fast_i \(line [0-9]+\): is input, 1 bit; must not be there'
broken missing 's/vit_cube_array #/fast_array #/'
run 2 "$work/missing"
says "$work/missing/vit_cube.sv:[0-9]+.*Cannot find file containing module: 'fast_array'"
broken syntax 's/assign tile.uf_mask = uf_mask_o;/assign tile.uf_mask == uf_mask_o;/'
run 2 "$work/syntax"
says "$work/syntax/vit_cube.sv:[0-9]+.*syntax error"
run 2 "$work/nowhere"
says "$work/nowhere: is no folder"
mkdir "$work/empty"
run 2 "$work/empty"
says "$work/empty: has no vit_cube.sv"
run 2 ""
says "needs the folder of your vit_cube.sv"
