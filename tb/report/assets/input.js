// SPDX-License-Identifier: Apache-2.0
// Mouse, touch and keys of the timeline, and the box that says what lies under the pointer.
"use strict";

Report.timelineInput = timeline => {
  const {canvas} = timeline, pointers = new Map();
  const place = event => { const box = canvas.getBoundingClientRect(); return {x: event.clientX - box.left, y: event.clientY - box.top}; };
  const inOverview = ({x, y}) => y < Report.Timeline.overview && x >= timeline.gutter;
  let pressed = null, moved = false;

  const center = x => {
    const length = timeline.view.to - timeline.view.from;
    const cycle = timeline.end * (x - timeline.gutter) / (timeline.width - timeline.gutter);
    timeline.show(cycle - length / 2, cycle + length / 2);
  };
  const drag = now => {
    if (pressed.overview) return center(now.x);
    const shift = (pressed.x - now.x) * timeline.perPixel;
    timeline.show(pressed.view.from + shift, pressed.view.to + shift);
  };
  const pinch = () => {
    const [a, b] = [...pointers.values()], gap = Math.max(8, Math.abs(a.x - b.x));
    if (pressed.gap) timeline.zoom(pressed.gap / gap, timeline.cycleAt((a.x + b.x) / 2));
    pressed.gap = gap;
  };

  canvas.addEventListener("pointerdown", event => {
    canvas.setPointerCapture(event.pointerId);
    const now = place(event);
    pointers.set(event.pointerId, now);
    pressed = {...now, view: {...timeline.view}, overview: inOverview(now)};
    moved = false;
    if (pressed.overview) center(now.x);
  });
  canvas.addEventListener("pointermove", event => {
    const now = place(event);
    if (pointers.has(event.pointerId)) pointers.set(event.pointerId, now);
    if (pointers.size === 2) { moved = true; return pinch(); }
    if (pressed) {
      moved ||= Math.hypot(now.x - pressed.x, now.y - pressed.y) > 3;
      canvas.classList.toggle("dragging", moved);
      if (moved) drag(now);
      return Report.hideTip();
    }
    timeline.hover = timeline.at(now.x, now.y);
    timeline.hover ? Report.showTip(timeline, now) : Report.hideTip();
    timeline.request();
  });
  const release = event => {
    const now = place(event), click = pressed && !moved && !pressed.overview && event.type === "pointerup";
    pointers.delete(event.pointerId);
    pressed = null;
    canvas.classList.remove("dragging");
    if (click) { const found = timeline.at(now.x, now.y); timeline.select(found?.index === undefined ? null : found, false); }
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => { timeline.hover = null; Report.hideTip(); timeline.request(); });
  canvas.addEventListener("dblclick", event => {
    const now = place(event), found = timeline.at(now.x, now.y);
    if (found?.index !== undefined) timeline.select(found, true);
  });
  canvas.addEventListener("wheel", event => {
    const sideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey;
    if (sideways) timeline.pan((event.deltaX || event.deltaY) / 1000);
    else if (event.ctrlKey || event.metaKey || document.activeElement === canvas) timeline.zoom(1.0015 ** event.deltaY, timeline.cycleAt(place(event).x));
    else return;  // the page scrolls
    event.preventDefault();
  }, {passive: false});

  const actions = {in: () => timeline.zoom(0.5), out: () => timeline.zoom(2), left: () => timeline.pan(-0.3), right: () => timeline.pan(0.3), fit: () => timeline.show(0, timeline.end)};
  const keys = {"+": "in", "=": "in", "-": "out", "ArrowLeft": "left", "ArrowRight": "right", "0": "fit", "w": "in", "s": "out", "a": "left", "d": "right"};
  canvas.addEventListener("keydown", event => {
    const action = actions[keys[event.key]];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    action();
    event.preventDefault();
  });
  for (const button of document.querySelectorAll("[data-do]")) button.addEventListener("click", actions[button.dataset.do]);
};

Report.spanRows = (data, {row, index}) => {
  const s = row.pipe.spans;
  const rows = [["instruction", `${Report.count(s.number[index])} on ${row.title}`],
                ["issue, start, end", `${Report.count(s.issue[index])}, ${Report.count(s.start[index])}, ${Report.count(s.end[index])}`],
                ["in flight", `${Report.count(s.end[index] - s.start[index] + 1)} cycles`]];
  if (s.waitCycles[index]) rows.push(["waited before", `${Report.count(s.waitCycles[index])} cycles, ${data.states[s.wait[index]]}`]);
  if (s.unitFlag[index]) rows.push(["held by unit flag", `${Report.count(s.unitFlag[index])} cycles`]);
  if (s.bank[index]) rows.push(["held by bank", `${Report.count(s.bank[index])} cycles`]);
  return rows;
};

Report.describe = (data, found) => {
  if (found.segment !== undefined) {
    const {segments} = found.row.pipe, i = found.segment;
    return [Report.pairs([["state", `${found.row.title} ${data.states[segments.state[i]]}`],
                          ["cycles", `${Report.count(segments.from[i])} to ${Report.count(segments.to[i] - 1)} (${Report.count(segments.to[i] - segments.from[i])})`]])];
  }
  return [Report.el("span", {class: "mono"}, Report.textOf(data, found.row.pipe.spans.code[found.index])), Report.pairs(Report.spanRows(data, found))];
};

Report.showTip = (timeline, {x, y}) => {
  const tip = Report.id("tip");
  tip.replaceChildren(...Report.describe(timeline.data, timeline.hover));
  tip.hidden = false;
  tip.style.left = `${Math.min(Math.max(0, x + 14), Math.max(0, timeline.width - tip.offsetWidth - 2))}px`;
  tip.style.top = `${y + 18}px`;
};
Report.hideTip = () => { Report.id("tip").hidden = true; };
