// SPDX-License-Identifier: Apache-2.0
// Reads the data html.cpp wrote: arrays of numbers, mostly differences, into typed arrays.
"use strict";

Report.decode = text => {
  const data = JSON.parse(text);
  data.cores = data.cores.map((core, c) => {
    const pipes = core.pipes.map(pipe => Report.decodePipe(data, pipe));
    return {...core, name: data.result.cores[c].name, pipes, arrows: Report.decodeArrows(core.arrows)};
  });
  return data;
};

const SPAN_COLUMNS = 10;

Report.decodePipe = (data, pipe) => {
  const n = pipe.spans.length / SPAN_COLUMNS;
  const ints = () => new Int32Array(n);
  const spans = {count: n, number: ints(), code: ints(), issue: new Float64Array(n), start: new Float64Array(n), end: new Float64Array(n),
                 from: new Float64Array(n), to: new Float64Array(n), lane: ints(), sync: new Uint8Array(n), wait: ints(),
                 waitCycles: new Float64Array(n), unitFlag: new Float64Array(n), bank: new Float64Array(n)};
  let number = 0, start = 0;
  for (let i = 0, at = 0; i < n; ++i, at += SPAN_COLUMNS) {
    const row = pipe.spans;
    spans.number[i] = number += row[at];
    spans.code[i] = row[at + 1];
    spans.start[i] = start += row[at + 2];
    spans.issue[i] = start - row[at + 3];
    spans.end[i] = start + row[at + 4];
    spans.lane[i] = row[at + 5];
    [spans.wait[i], spans.waitCycles[i], spans.unitFlag[i], spans.bank[i]] = [row[at + 6], row[at + 7], row[at + 8], row[at + 9]];
    const operation = data.operations[data.codes[spans.code[i]][0]];
    spans.sync[i] = operation.sync ? 1 : 0;
    spans.from[i] = operation.raises ? spans.end[i] : start;
    spans.to[i] = spans.end[i] + 1;
  }
  return {name: pipe.pipe, busy: pipe.busy, spans, segments: Report.decodeSegments(pipe.segments),
          lanes: Report.byLane(spans, 0, pipe.lanes), syncLanes: Report.byLane(spans, 1, pipe.sync_lanes)};
};

Report.decodeSegments = row => {
  const n = row.length / 3;
  const out = {count: n, state: new Uint8Array(n), from: new Float64Array(n), to: new Float64Array(n)};
  for (let i = 0, at = 0; i < n; ++i) {
    out.from[i] = at += row[3 * i];
    out.state[i] = row[3 * i + 1];
    out.to[i] = at += row[3 * i + 2];
  }
  return out;
};

// Per lane, its spans in order of time; they do not overlap.
Report.byLane = (spans, sync, count) => {
  const lanes = Array.from({length: count}, () => []);
  for (let i = 0; i < spans.count; ++i) if (spans.sync[i] === sync) lanes[spans.lane[i]].push(i);
  for (const lane of lanes) lane.sort((a, b) => spans.from[a] - spans.from[b]);
  return lanes.map(lane => Int32Array.from(lane));
};

Report.decodeArrows = row => {
  const arrows = [];
  for (let at = 0; at < row.length; at += 4) arrows.push({setPipe: row[at], set: row[at + 1], waitPipe: row[at + 2], wait: row[at + 3]});
  return arrows;
};

// "mmad m=16 n=16", fields at their defaults left out; without addresses it names a kind of instruction.
Report.textOf = (data, code, addresses = true) => {
  const [row, ...values] = data.codes[code];
  const {name, fields} = data.operations[row];
  const words = fields.map((field, f) => {
    if (field.optional && values[f] === field.usual || field.hex && !addresses) return "";
    return ` ${field.name}=${field.hex ? "0x" + values[f].toString(16) : field.values[values[f]] ?? values[f]}`;
  });
  return name + words.join("");
};

// What fits in a box: "mmad 128x256x64".
Report.labelOf = (data, code) => {
  const [row, ...values] = data.codes[code];
  const {name, fields} = data.operations[row];
  const value = field => {
    const at = fields.findIndex(f => f.name === field);
    return at < 0 ? undefined : fields[at].values[values[at]] ?? values[at];
  };
  if (name === "mmad") return `mmad ${value("m")}×${value("n")}×${value("k")}`;
  if (name.startsWith("load2d")) return `${name} ${value("to")} ×${value("repeat")}`;
  if (name === "fixpipe") return `fixpipe ${value("m")}×${value("n")}`;
  if (name === "copy_gm_l1_nd2nz") return `nd2nz ${value("n_value")}×${value("d_value")}`;
  if (name.endsWith("_flag")) return `${name} ${value("from")}→${value("to")} #${value("id")}`;
  return name;
};
