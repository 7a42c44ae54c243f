#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Facts about the RTL that need a tool of their own; one a call, exit code 1 where it does not hold.

  lint    Verilator -Wall has nothing to say of the cube, at every shape and numerics, nor of the other units
  yosys   Yosys reads the array under every numerics, and finds no problem in the block at 4x4x4, nor in the other units
  icarus  Icarus Verilog, four-valued, gets the results of models::dot from the 4x4x4 array and those of models::quantise
          from FIX's lane, and elaborates the other units
  units   the small units answer as their models (unit_bench.py) in Icarus and in Verilator, on the same vectors; one with a fault does not
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

import unit_bench

NUMERICS = range(3)
# Units besides the cube: parameters of each shape.
UNITS = {
    "vit_mte1": [{}, {"L1_BYTES": 24 << 10, "L0A_BYTES": 5 << 10, "L0B_BYTES": 12 << 10, "BT_BYTES": 10 << 10, "L0A_RATE": 128, "L0B_RATE": 256},
                 {"L1_BYTES": 16 << 20, "L0A_BYTES": 1 << 20, "L0B_BYTES": 1 << 20, "L0A_RATE": 128}],
    "vit_mte2": [{}, {"L1_BYTES": 24 << 10, "L0A_BYTES": 64 << 10}, {"L1_BYTES": 16 << 20}],
    "vit_fixpipe": [{}, {"L1_BYTES": 16 << 20, "L0C_BYTES": 24 << 10, "FB_BYTES": 16 << 10}],
    "vit_mte3": [{}, {"L1_BYTES": 24 << 10, "W_RATE": 64}, {"W_RATE": 256}],
}
# Small ones that other tools read and simulate too.
PORTABLE = {"vit_fifo": {}, "vit_l0c_arbiter": {}, "vit_flags": {}, "vit_fixpipe_lane": {"Rows": 2, "Columns": 4}}
# Packages a unit needs besides vit_pkg: Verilator warns of what is not used in one that is read for nothing.
PACKAGES = {"vit_mte1": ["vit_load3d_pkg"], "vit_fixpipe": ["vit_fp_pkg"], "vit_fixpipe_lane": ["vit_fp_pkg"]}
# Modules Yosys only elaborates: their processes take it minutes.
ONLY_ELABORATED = {"vit_mte1": "vit_mte1_buffer"}


def output_of(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def packages(rtl):
    first = rtl / "vit_pkg.sv"
    return [first, *sorted(p for p in rtl.rglob("*_pkg.sv") if p != first)]


def sources(rtl):
    return [*packages(rtl), *sorted(p for p in (rtl / "pipe").glob("*.sv") if not p.stem.endswith("_pkg"))]


def everything(rtl):
    return [rtl / "vit_pkg.sv", *sorted((p for p in rtl.rglob("*.sv") if p.name != "vit_pkg.sv"), key=lambda p: (not p.stem.endswith("_pkg"), p))]


# The files a tool is given that finds the other modules by their names.
def top_files(rtl, top):
    return [rtl / "vit_pkg.sv", *(next(rtl.rglob(f"{name}.sv")) for name in [*PACKAGES.get(top, []), top])]


# Where Verilator looks for a module: in the file of its name.
def folders(rtl):
    return [f"-I{folder}" for folder in sorted({p.parent for p in rtl.rglob("*.sv*")})]


def lint(rtl, _):
    for m, k, n in [(16, 16, 16), (8, 8, 8), (32, 16, 16)]:
        for numerics in NUMERICS:
            shape = [f"-GM0={m}", f"-GK0={k}", f"-GN0={n}", f"-GNUMERICS={numerics}"]
            yield f"{m}x{k}x{n} {numerics}", *output_of(
                ["verilator", "--lint-only", "-Wall", "-Wno-SYNCASYNCNET", f"-I{rtl}", "--top-module", "vit_cube", *shape, *sources(rtl)]), ""
    for top, shapes in UNITS.items():
        for shape in shapes:
            yield f"{top} {shape}", *output_of(["verilator", "--lint-only", "-Wall", "-Wno-SYNCASYNCNET", *folders(rtl), "--top-module", top,
                                                *(f"-G{name}={value}" for name, value in shape.items()), *top_files(rtl, top)]), ""


def yosys(rtl, _):
    read = f"read_verilog -sv -defer -I{rtl} {' '.join(map(str, sources(rtl)))}; hierarchy -check -chparam M0 4 -chparam K0 4 -chparam N0 4"
    for numerics in NUMERICS:
        yield f"array {numerics}", *output_of(["yosys", "-q", "-p", f"{read} -chparam NUMERICS {numerics} -top vit_cube_array"]), "Replacing memory"
    yield "block", *output_of(["yosys", "-q", "-p", f"{read} -top vit_cube; proc; check -assert"]), "Replacing memory"
    for top in UNITS:
        read = f"read_verilog -sv -defer -I{rtl} {' '.join(map(str, everything(rtl)))}; hierarchy -check -top {top}"
        most = f"select * *{ONLY_ELABORATED[top]}* %d; " if top in ONLY_ELABORATED else ""
        yield top, *output_of(["yosys", "-q", "-p", f"{read}; {most}proc; check -assert"]), "Replacing memory"
    for top, params in PORTABLE.items():
        read = f"read_verilog -sv -defer -I{rtl} {' '.join(map(str, top_files(rtl, top)))}"
        shape = "".join(f" -chparam {n} {v}" for n, v in params.items())
        yield top, *output_of(["yosys", "-q", "-p", f"{read}; hierarchy -check{shape} -top {top}; proc; check -assert"]), "Replacing memory"


def icarus(rtl, vectors):
    for top in [*UNITS, *PORTABLE]:
        yield top, *output_of(["iverilog", "-g2012", "-tnull", f"-I{rtl}", "-s", top, *(f"-y{folder[2:]}" for folder in folders(rtl)), "-Y.sv",
                               *top_files(rtl, top)]), ""
    bench = pathlib.Path(__file__).parent / "vit_cube_array_tb.sv"
    for numerics in NUMERICS:
        with tempfile.TemporaryDirectory() as folder:
            tiles, program = pathlib.Path(folder) / "tiles.hex", pathlib.Path(folder) / "array"
            tiles.write_text(output_of([vectors, numerics, 200])[1])
            yield f"compile {numerics}", *output_of(["iverilog", "-g2012", f"-I{rtl}", "-s", bench.stem, f"-P{bench.stem}.NUMERICS={numerics}",
                                                     "-o", program, *sources(rtl), bench]), "empty port declaration list"
            code, text = output_of(["vvp", program, f"+tiles={tiles}"])
            yield f"run {numerics}", code, "" if text.strip() == "200 tiles, 0 wrong" else text or "no output", ""

    with tempfile.TemporaryDirectory() as folder:
        words, program, bench = pathlib.Path(folder) / "words.hex", pathlib.Path(folder) / "lane", bench.with_name("vit_fixpipe_lane_tb.sv")
        words.write_text(output_of([vectors.with_name("lane_vectors"), 2000])[1])
        yield "compile lane", *output_of(["iverilog", "-g2012", f"-I{rtl}", "-s", bench.stem, "-o", program, *sources(rtl), bench]), "empty port declaration list"
        code, text = output_of(["vvp", program, f"+words={words}"])
        yield "run lane", code, "" if text.strip() == "2000 sets, 0 wrong" else text or "no output", ""


# A fault the vectors of a unit find.
FAULTS = {"vit_fifo": ("if (push) tail_q", "if (in_valid_i) tail_q"), "vit_l0c_arbiter": ("? 13'd0", "? 13'd1"), "vit_flags": ("&\n              ~events", "|\n              ~events")}


def units(rtl, _):
    for unit, (right, wrong) in FAULTS.items():
        for simulator in unit_bench.SIMULATORS:
            with tempfile.TemporaryDirectory() as folder:
                yield f"{unit} {simulator}", 0, unit_bench.simulate(unit, simulator, rtl, folder, 1), ""
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(shutil.copytree(rtl, pathlib.Path(folder) / "rtl"))
            file = next(copy.rglob(f"{unit}.sv"))
            text = file.read_text()
            file.write_text(text.replace(right, wrong))
            found = unit_bench.simulate(unit, "icarus", copy, folder, 1)
            yield f"{unit} with a fault", 0, "" if right in text and "should be" in found else found or "the fault is not found", ""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("check", choices=["lint", "yosys", "icarus", "units"])
    parser.add_argument("--rtl", type=pathlib.Path, required=True)
    parser.add_argument("--vectors", type=pathlib.Path)
    args = parser.parse_args()
    holds = True
    for name, code, text, harmless in globals()[args.check](args.rtl, args.vectors):
        lines = [line for line in text.splitlines() if line.strip() and not (harmless and harmless in line)]
        if code != 0 or lines:
            holds = False
            print(f"{args.check} {name}: exit code {code}", *lines[:20], sep="\n  ")
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
