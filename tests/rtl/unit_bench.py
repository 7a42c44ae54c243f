# SPDX-License-Identifier: Apache-2.0
"""Small units on random vectors: what a unit is given and must answer in each cycle, from a few lines of Python that
know the rules but not the RTL, and a bench that holds it against them in any simulator.
"""
import collections
import os
import pathlib
import random
import shutil
import subprocess

CYCLES = 2000
PIPES = [0, 1, 3, 4, 5, 6]  # the numbers of S, M, MTE1, MTE2, MTE3, FIX


def packed(values, width):
    return sum(int(v) << width * i for i, v in enumerate(values))


# A model yields, cycle by cycle, its inputs and its outputs: a number, a number and the bits of it that count, or
# None if none does.
def fifo(draw):
    """At most four words, in order."""
    words = collections.deque()
    for cycle in range(CYCLES):
        push, pop, data = draw.random() < (0.8 if cycle // 50 % 2 else 0.3), draw.random() < 0.5, draw.getrandbits(12)
        full = len(words) == 4
        yield [push, data, pop], [not full, bool(words), words[0] if words else None, len(words)]
        if pop and words:
            words.popleft()
        if push and not full:
            words.append(data)


def l0c_arbiter(draw):
    """M before FIX, unless FIX was refused three times since it read last (docs/timing.md, L2)."""
    refused = 0
    for _ in range(CYCLES):
        m, fix = draw.random() < 0.7, draw.random() < 0.6
        fix_first = fix and refused == 3
        granted = fix and (fix_first or not m)
        yield [3, m, fix], [not fix_first, granted]
        if fix:
            refused = 0 if granted else refused + 1


def flags(draw):
    """A set of (from, to, id); an event can be taken in the cycle that raises it (docs/timing.md, F2 and F3)."""
    up = set()
    for _ in range(CYCLES):
        raises = [(pipe, draw.choice(PIPES), draw.randrange(2)) for pipe in PIPES]
        waits = [(draw.choice(PIPES), pipe, draw.randrange(2)) for pipe in PIPES]
        raised, waiting = ([draw.random() < chance for _ in PIPES] for chance in (0.3, 0.6))
        twice = [r and event in up for event, r in zip(raises, raised)]
        up |= {event for event, r in zip(raises, raised) if r}
        yield ([packed(raised, 1), packed([to for _, to, _ in raises], 3), packed([n for *_, n in raises], 3),
                packed(waiting, 1), packed([source for source, *_ in waits], 3), packed([n for *_, n in waits], 3)],
               [packed(twice, 1), (packed([event in up for event in waits], 1), packed(waiting, 1))])
        up -= {event for event, w in zip(waits, waiting) if w}


# Per unit: model, parameters, ports and their widths.
UNITS = {
    "vit_fifo": (fifo, {"Width": 12, "Depth": 4}, {"in_valid_i": 1, "in_data_i": 12, "out_ready_i": 1},
                 {"in_ready_o": 1, "out_valid_o": 1, "out_data_o": 12, "count_o": 3}),
    "vit_l0c_arbiter": (l0c_arbiter, {}, {"cfg_patience_i": 13, "m_req_i": 1, "fix_req_i": 1}, {"m_gnt_o": 1, "fix_gnt_o": 1}),
    "vit_flags": (flags, {}, {"raise_i": 6, "raise_to_i": 18, "raise_id_i": 18, "wait_i": 6, "wait_from_i": 18, "wait_id_i": 18},
                  {"error_o": 6, "up_o": 6}),
}


def vectors(unit, seed):
    """Hexadecimal lines: inputs, outputs, which bits of these count; the first port in the low bits."""
    model, _, inputs, outputs = UNITS[unit]
    for given, answered in model(random.Random(seed)):
        line = place = 0
        pairs = [(0, 0) if a is None else a if isinstance(a, tuple) else (a, -1) for a in answered]
        for value, width in [*zip(given, inputs.values()), *((v, w) for (v, _), w in zip(pairs, outputs.values())),
                             *((m, w) for (_, m), w in zip(pairs, outputs.values()))]:
            line |= (int(value) & ((1 << width) - 1)) << place
            place += width
        yield f"{line:x}"


def bench(unit):
    """A module unit_tb that runs the lines of +lines=FILE through the unit and counts those it answers differently."""
    _, params, inputs, outputs = UNITS[unit]
    i, o = sum(inputs.values()), sum(outputs.values())
    pins = []
    for vector, widths in (("given", inputs), ("answer", outputs)):
        place = 0
        for name, width in widths.items():
            pins.append(f".{name}({vector}[{place} +: {width}])")
            place += width
    return f"""module unit_tb;
  logic clk = 1'b0, rst_n = 1'b0;
  always #2 clk = !clk;
  logic [{i + 2 * o - 1}:0] line [0:{CYCLES - 1}];
  logic [{i - 1}:0] given;
  logic [{o - 1}:0] answer, right, counts;
  {unit} #({", ".join(f".{n}({v})" for n, v in params.items())}) i_unit (.clk_i(clk), .rst_ni(rst_n), {", ".join(pins)});
  int cycle, wrong;
  initial begin
    string file;
    if (!$value$plusargs("lines=%s", file)) $finish;
    $readmemh(file, line);
    given = '0;
    wrong = 0;
    repeat (3) @(negedge clk);
    rst_n = 1'b1;
    for (cycle = 0; cycle < {CYCLES}; cycle++) begin
      {{counts, right, given}} = line[cycle];
      #1;
      if ((answer & counts) !== (right & counts)) begin
        wrong = wrong + 1;
        if (wrong < 5) $display("cycle %0d: given %h, answers %h, should be %h", cycle, given, answer, right);
      end
      @(negedge clk);
    end
    $display("%0d cycles, %0d wrong", cycle, wrong);
    $finish;
  end
endmodule
"""


def compile_icarus(files, folders, program):
    return ["iverilog", "-g2012", "-s", "unit_tb", "-o", program, *(f"-I{f}" for f in folders), *(f"-y{f}" for f in folders), "-Y.sv", *files]


def compile_verilator(files, folders, program):
    return ["verilator", "--binary", "--timing", "-Wno-fatal", "-Wno-lint", "-Wno-style", "-fno-dfg", "--top-module", "unit_tb",
            "-Mdir", program.parent / "v", "-o", program, *(f"-I{f}" for f in folders), *files]


# Verilator's runtime is compiled once.
ENVIRONMENT = {**os.environ, **({"OBJCACHE": "ccache"} if shutil.which("ccache") else {})}
SIMULATORS = {"icarus": (compile_icarus, ["vvp"]), "verilator": (compile_verilator, [])}


def simulate(unit, simulator, rtl, work, seed):
    """What a unit's bench says in a simulator; empty if every cycle is right."""
    compile_with, start = SIMULATORS[simulator]
    work = pathlib.Path(work)
    file, lines, program = work / "unit_tb.sv", work / "lines.hex", work / f"{unit}_{simulator}"
    file.write_text(bench(unit))
    lines.write_text("\n".join([*vectors(unit, seed), ""]))
    folders = sorted({p.parent for p in rtl.rglob("*.sv*")})
    for command in (compile_with([rtl / "vit_pkg.sv", next(rtl.rglob(f"{unit}.sv")), file], folders, program), [*start, program, f"+lines={lines}"]):
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=ENVIRONMENT)
        if done.returncode != 0:
            return f"{command[0]}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    said = [line for line in done.stdout.splitlines() if "$finish" not in line]
    return "" if said == [f"{CYCLES} cycles, 0 wrong"] else "\n".join([f"seed {seed}", *said])
