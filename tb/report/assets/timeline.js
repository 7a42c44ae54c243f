// SPDX-License-Identifier: Apache-2.0
// The timeline: a canvas on which one can go from the whole run to a single instruction. Per pipe, from
// the top: lanes of instructions, a row of flags, a strip of states. What is narrower than a pixel is joined
// before it is drawn, so the work depends on the width of the canvas rather than on the number of spans.
"use strict";

Report.Timeline = class {
  constructor(canvas, data, onSelect) {
    Object.assign(this, {canvas, data, onSelect, hover: null, selected: null, labels: new Map(), dirty: false});
    this.context = canvas.getContext("2d");
    this.end = Math.max(1, data.end);
    this.view = {from: 0, to: this.end};
    this.rows = this.layOut();
    new ResizeObserver(() => this.resize()).observe(canvas.parentElement);
    this.resize();
    Report.timelineInput(this);
  }

  // ---------------------------------------------------------------- places
  layOut() {
    const rows = [];
    let y = Report.Timeline.axis + Report.Timeline.overview;
    this.data.cores.forEach((core, c) => core.pipes.forEach((pipe, p) => {
      const n = pipe.lanes.length;
      const laneHeight = n <= 2 ? 18 : n <= 4 ? 16 : n <= 8 ? 9 : 6;
      const row = {core: c, pipe, name: pipe.name, index: p, title: this.data.cores.length > 1 ? `${core.name} ${pipe.name}` : pipe.name, y: y + 5, laneHeight};
      row.sync = row.y + Math.max(n * laneHeight, 16);
      row.states = row.sync + (pipe.syncLanes.length ? 9 : 2);
      y = row.bottom = row.states + 11;
      rows.push(row);
    }));
    this.height = y + 6;
    return rows;
  }

  resize() {
    const scale = window.devicePixelRatio || 1;
    this.width = Math.max(200, this.canvas.parentElement.clientWidth);
    this.gutter = this.data.cores.length > 1 ? 92 : 58;
    Object.assign(this.canvas, {width: Math.round(this.width * scale), height: Math.round(this.height * scale)});
    this.canvas.style.height = `${this.height}px`;
    this.context.setTransform(scale, 0, 0, scale, 0, 0);
    this.draw();
  }

  get perPixel() { return (this.view.to - this.view.from) / (this.width - this.gutter); }
  x(cycle) { return this.gutter + (cycle - this.view.from) / this.perPixel; }
  cycleAt(x) { return this.view.from + (x - this.gutter) * this.perPixel; }

  // ---------------------------------------------------------------- moving
  show(from, to) {
    const length = Math.min(this.end, Math.max(16, to - from));
    const start = Math.min(Math.max(0, from + (to - from - length) / 2), this.end - length);
    this.view = {from: start, to: start + length};
    this.request();
  }
  zoom(factor, around = (this.view.from + this.view.to) / 2) {
    const {from, to} = this.view;
    const length = Math.max(16, (to - from) * factor), left = (around - from) / (to - from);
    this.show(around - left * length, around + (1 - left) * length);
  }
  pan(share) {
    const step = share * (this.view.to - this.view.from);
    this.show(this.view.from + step, this.view.to + step);
  }
  request() {
    if (this.dirty) return;
    this.dirty = true;
    requestAnimationFrame(() => { this.dirty = false; this.draw(); });
  }
  select(found, zoom) {
    this.selected = found;
    if (found && zoom) {
      const {from, to} = Report.spanTimes(found), room = Math.max(60, 4 * (to - from));
      this.show(from - room, to + room);
    }
    this.onSelect(found);
    this.request();
  }
  find(number) {
    for (const row of this.rows) {
      const index = row.pipe.spans.number.indexOf(number);
      if (index >= 0) return {row, index};
    }
    return null;
  }

  // What lies under a point: {row, index} of a span, {row, segment}, or null.
  at(x, y) {
    const row = this.rows.find(r => y >= r.y - 3 && y < r.bottom);
    if (!row || x < this.gutter) return null;
    const cycle = this.cycleAt(x);
    if (y >= row.states - 1) {
      const segment = Report.lastAtOrBefore(row.pipe.segments.from, cycle);
      return segment >= 0 && row.pipe.segments.to[segment] > cycle ? {row, segment} : null;
    }
    const lanes = y >= row.sync ? row.pipe.syncLanes : [row.pipe.lanes[Math.floor((y - row.y) / row.laneHeight)]];
    for (const lane of lanes) {
      const index = lane && this.nearest(row.pipe.spans, lane, cycle);
      if (index >= 0) return {row, index};
    }
    return null;
  }
  nearest(spans, lane, cycle) {
    let best = -1, distance = 3 * this.perPixel;
    const place = Report.lastAtOrBefore({length: lane.length, at: i => spans.from[lane[i]]}, cycle);
    for (let i = Math.max(0, place); i < Math.min(lane.length, place + 2); ++i) {
      const away = Math.max(0, spans.from[lane[i]] - cycle, cycle - spans.to[lane[i]]);
      if (away < distance || away === 0) [best, distance] = [lane[i], away];
    }
    return best;
  }

  // ---------------------------------------------------------------- drawing
  draw() {
    const c = this.context;
    this.colors = Report.timelineColors();
    c.clearRect(0, 0, this.width, this.height);
    c.font = '12px system-ui, "DejaVu Sans", sans-serif';
    c.textBaseline = "middle";
    this.drawAxis(c);
    c.save();
    c.beginPath();
    c.rect(this.gutter, 0, this.width - this.gutter, this.height);
    c.clip();
    for (const row of this.rows) this.drawRow(c, row);
    this.drawArrows(c);
    this.drawMarked(c);
    c.restore();
    this.drawOverview(c);
    this.canvas.setAttribute("aria-label", `Timeline of ${this.rows.length} pipes, cycles ${Report.count(this.view.from)} to ${Report.count(this.view.to)} of ${Report.count(this.end)}`);
  }

  drawAxis(c) {
    const rough = this.perPixel * 110, decade = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max(1, decade * [1, 2, 5, 10].find(f => f * decade >= rough));
    const y = Report.Timeline.overview;
    c.textAlign = "center";
    for (let t = Math.ceil(this.view.from / step) * step; t <= this.view.to; t += step) {
      const x = Math.round(this.x(t)) + 0.5;
      c.strokeStyle = this.colors.line;
      c.beginPath(); c.moveTo(x, y + 20); c.lineTo(x, this.height); c.stroke();
      c.fillStyle = this.colors.soft;
      if (x > this.gutter + 24 && x < this.width - 30) c.fillText(Report.count(t), x, y + 11);
    }
    c.textAlign = "left";
    c.fillStyle = this.colors.soft;
    c.fillText("cycle", 2, y + 11);
    for (const row of this.rows) {
      c.strokeStyle = this.colors.line;
      c.beginPath(); c.moveTo(0, row.y - 4.5); c.lineTo(this.width, row.y - 4.5); c.stroke();
      c.fillStyle = this.colors.edge[row.name];
      c.fillRect(0, row.y, 3, row.bottom - row.y - 5);
      c.fillStyle = this.colors.ink;
      c.font = '600 12px system-ui, "DejaVu Sans", sans-serif';
      c.fillText(row.title, 9, row.y + 9);
      c.font = '12px system-ui, "DejaVu Sans", sans-serif';
    }
  }

  drawRow(c, row) {
    const {spans} = row.pipe;
    c.fillStyle = this.colors.fill[row.name];
    row.pipe.lanes.forEach((lane, n) => this.drawLane(c, row, spans, lane, row.y + n * row.laneHeight, row.laneHeight - 1));
    for (const lane of row.pipe.syncLanes) this.drawSync(c, row, spans, lane);
    this.drawStates(c, row.pipe.segments, row.states, 8);
  }

  // Wide boxes get an edge and a label; narrow ones are joined while they touch.
  drawLane(c, row, spans, lane, y, height) {
    let runFrom = -1, runTo = -1;
    const flush = () => { if (runFrom >= 0) c.fillRect(runFrom, y, Math.max(1, runTo - runFrom), height); runFrom = -1; };
    const wide = [];
    for (let i = Math.max(0, Report.lastAtOrBefore({length: lane.length, at: k => spans.from[lane[k]]}, this.view.from)); i < lane.length; ++i) {
      const s = lane[i];
      if (spans.from[s] > this.view.to) break;
      const x0 = this.x(spans.from[s]), x1 = this.x(spans.to[s]);
      if (x1 - x0 >= 3) { wide.push(s); continue; }
      if (runFrom >= 0 && x0 <= runTo + 0.6) { runTo = Math.max(runTo, x1); continue; }
      flush();
      [runFrom, runTo] = [x0, x1];
    }
    flush();
    for (const s of wide) this.drawBox(c, row, s, this.x(spans.from[s]), this.x(spans.to[s]), y, height);
  }
  drawBox(c, row, s, from, to, y, height) {
    const x0 = Math.max(from, this.gutter - 2), x1 = Math.min(to, this.width + 2);
    c.fillStyle = this.colors.fill[row.name];
    c.fillRect(x0, y, Math.max(1, x1 - x0 - 0.5), height);
    if (to - from >= 8) {
      c.strokeStyle = this.colors.edge[row.name];
      c.strokeRect(x0 + 0.5, y + 0.5, Math.max(1, x1 - x0 - 1.5), height - 1);
    }
    if (x1 - x0 < 34 || height < 11) return;
    c.fillStyle = this.colors.spanInk;
    const text = this.fit(c, row.pipe.spans.code[s], x1 - x0 - 8);
    if (text) c.fillText(text, x0 + 4, y + height / 2 + 0.5);
  }
  // The longest of full text, label and name that has room.
  fit(c, code, room) {
    if (!this.labels.has(code)) {
      const texts = [Report.textOf(this.data, code), Report.labelOf(this.data, code), this.data.operations[this.data.codes[code][0]].name];
      this.labels.set(code, texts.map(text => ({text, width: c.measureText(text).width})));
    }
    return this.labels.get(code).find(label => label.width <= room)?.text ?? "";
  }

  drawSync(c, row, spans, lane) {
    let last = -9;
    for (let i = Math.max(0, Report.lastAtOrBefore({length: lane.length, at: k => spans.from[lane[k]]}, this.view.from)); i < lane.length; ++i) {
      const s = lane[i];
      if (spans.from[s] > this.view.to) break;
      const x = this.x(spans.from[s] + 0.5);
      if (x - last < 1) continue;
      last = x;
      this.drawGlyph(c, this.data.operations[this.data.codes[spans.code[s]][0]].name, x, row.sync);
    }
  }
  drawGlyph(c, name, x, y) {
    const near = this.perPixel < 4;
    c.fillStyle = name === "pipe_barrier" ? this.colors.state[5] : this.colors.state[4];
    if (!near) return c.fillRect(x - 0.5, y + 1, 1, 6);
    c.beginPath();
    if (name === "set_flag") { c.moveTo(x - 3, y + 7); c.lineTo(x + 3, y + 7); c.lineTo(x, y + 1); }
    else if (name === "wait_flag") { c.moveTo(x - 3, y + 1); c.lineTo(x + 3, y + 1); c.lineTo(x, y + 7); }
    else c.rect(x - 1, y, 2, 8);
    c.fill();
  }

  // Far out each pixel column shows its states in proportion, in the order of the legend.
  drawStates(c, segments, y, height) {
    const first = Math.max(0, Report.lastAtOrBefore(segments.from, this.view.from));
    const width = this.width - this.gutter, states = this.colors.state.length;
    const bins = new Float32Array((Math.ceil(width) + 1) * states);
    for (let i = first; i < segments.count && segments.from[i] < this.view.to; ++i) {
      const x0 = Math.max(0, this.x(segments.from[i]) - this.gutter), x1 = Math.min(width, this.x(segments.to[i]) - this.gutter);
      if (x1 - x0 > 2) {
        c.fillStyle = this.colors.state[segments.state[i]];
        c.fillRect(this.gutter + Math.ceil(x0), y, Math.floor(x1) - Math.ceil(x0), height);
        if (Math.ceil(x0) > x0) bins[Math.floor(x0) * states + segments.state[i]] += Math.ceil(x0) - x0;
        if (x1 > Math.floor(x1)) bins[Math.floor(x1) * states + segments.state[i]] += x1 - Math.floor(x1);
        continue;
      }
      for (let pixel = Math.floor(x0); pixel < x1; ++pixel) {
        bins[pixel * states + segments.state[i]] += Math.min(x1, pixel + 1) - Math.max(x0, pixel);
      }
    }
    this.drawBins(c, bins, states, y, height);
  }
  drawBins(c, bins, states, y, height) {
    for (let state = 0; state < states; ++state) {
      c.fillStyle = this.colors.state[state];
      for (let at = state, x = this.gutter; at < bins.length; at += states, ++x) {
        if (bins[at] <= 0) continue;
        let below = 0, all = 0;
        for (let s = 0; s < states; ++s) { all += bins[at - state + s]; if (s < state) below += bins[at - state + s]; }
        c.fillRect(x, y + height * below / all, 1, height * bins[at] / all);
      }
    }
  }

  // Arrows of flags, if there are few enough to follow, and those of the marked flag always.
  drawArrows(c) {
    const drawn = [];
    this.data.cores.forEach((core, n) => {
      const rows = this.rows.filter(row => row.core === n);
      for (const arrow of core.arrows) {
        const set = rows[arrow.setPipe], wait = rows[arrow.waitPipe];
        const from = set.pipe.spans.from[arrow.set], to = wait.pipe.spans.from[arrow.wait];
        if (to < this.view.from || from > this.view.to) continue;
        const marked = [this.hover, this.selected].some(m => m?.index !== undefined && (m.row === set && m.index === arrow.set || m.row === wait && m.index === arrow.wait));
        drawn.push({set, wait, from, to, marked});
      }
    });
    const crowded = drawn.length > 150;
    for (const arrow of drawn) if (!crowded || arrow.marked) this.drawArrow(c, arrow);
  }
  drawArrow(c, {set, wait, from, to, marked}) {
    const x0 = this.x(from + 0.5), x1 = this.x(to + 0.5);
    const down = wait.y > set.y, y0 = set.sync + (down ? 8 : 1), y1 = wait.sync + (down ? 0 : 8), bend = (y1 - y0) / 2;
    c.strokeStyle = c.fillStyle = this.colors.state[4];
    c.globalAlpha = marked ? 1 : 0.55;
    c.lineWidth = marked ? 2.2 : 1.2;
    c.beginPath(); c.moveTo(x0, y0); c.bezierCurveTo(x0, y0 + bend, x1, y1 - bend, x1, y1); c.stroke();
    const tip = down ? -5 : 5;
    c.beginPath(); c.moveTo(x1, y1); c.lineTo(x1 - 3, y1 + tip); c.lineTo(x1 + 3, y1 + tip); c.fill();
    c.globalAlpha = 1;
    c.lineWidth = 1;
  }
  drawMarked(c) {
    for (const marked of [this.hover, this.selected]) {
      if (marked?.index === undefined) continue;
      const {row, index} = marked, {spans} = row.pipe, sync = spans.sync[index];
      const x0 = this.x(spans.from[index]), x1 = Math.max(x0 + 3, this.x(spans.to[index]));
      const y = sync ? row.sync - 1 : row.y + spans.lane[index] * row.laneHeight - 1;
      c.strokeStyle = this.colors.cursor;
      c.lineWidth = 2;
      c.strokeRect(x0 - 1, y, x1 - x0 + 2, sync ? 10 : row.laneHeight + 1);
      c.lineWidth = 1;
    }
  }

  // The whole run in little: how busy each pipe is, and the part that is shown.
  drawOverview(c) {
    const width = this.width - this.gutter, height = Report.Timeline.overview - 8, rows = this.rows;
    c.fillStyle = this.colors.lane;
    c.fillRect(this.gutter, 2, width, height);
    rows.forEach((row, n) => {
      c.fillStyle = this.colors.edge[row.name];
      row.pipe.busy.forEach((busy, w) => {
        const from = w * this.data.window, to = Math.min(this.end, from + this.data.window);
        c.globalAlpha = 0.9 * busy / (to - from);
        c.fillRect(this.gutter + width * from / this.end, 2 + height * n / rows.length, width * (to - from) / this.end + 0.4, height / rows.length - 0.5);
      });
    });
    c.globalAlpha = 1;
    c.fillStyle = this.colors.soft;
    c.fillText("all", 9, 2 + height / 2);
    const x0 = this.gutter + width * this.view.from / this.end, x1 = Math.max(x0 + 3, this.gutter + width * this.view.to / this.end);
    c.strokeStyle = this.colors.cursor;
    c.lineWidth = 1.5;
    c.strokeRect(x0 + 0.75, 1.75, x1 - x0 - 1.5, height + 0.5);
    c.lineWidth = 1;
  }
};

Report.Timeline.overview = 42;
Report.Timeline.axis = 24;

Report.timelineColors = () => {
  const named = prefix => new Proxy({}, {get: (cache, name) => cache[name] ??= Report.color(prefix + name)});
  const states = ["unit_flag", "bank", "busy", "memory", "flag", "barrier", "queue_full", "empty", "done"];
  return {line: Report.color("line"), soft: Report.color("soft"), ink: Report.color("ink"), lane: Report.color("lane"), cursor: Report.color("cursor"),
          spanInk: Report.color("span-ink"), fill: named("p-"), edge: named("l-"), state: states.map(name => Report.color(`s-${name}`))};
};

// The last index whose value is not above `value`, or -1. `list`: a typed array, or {length, at}.
Report.lastAtOrBefore = (list, value) => {
  let low = 0, high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list.at(middle) <= value) low = middle + 1; else high = middle;
  }
  return low - 1;
};

Report.spanTimes = ({row, index}) => ({from: row.pipe.spans.from[index], to: row.pipe.spans.to[index]});
