// The data of the page, put so that drawing and stepping need no search.
"use strict";
window.addEventListener("error", failure => { document.documentElement.dataset.error = failure.message; });
const data = JSON.parse(document.getElementById("data").textContent);
const lanes = data.lanes;
const events = data.events.map(([at, step, lane, level, area, name, text], index) => ({ index, at, step, lane, level, area, name, text, fault: area === "fault" }));
const messages = data.messages.map(([from, to, sent, end, arrived, text]) => ({ from, to, sent, end, arrived, text }));
const requests = data.requests.map(([lane, from, to, asked, answered, entry]) => ({ lane, from, to, asked, answered, entry }));
const disks = data.disks.map(([lane, from, to, verb, file, offset, length]) => ({ lane, from, to, verb, file, offset, length }));
const lives = data.lives.map(([lane, from, to, crashed]) => ({ lane, from, to, crashed }));
const roles = data.roles.map(([lane, group, from, to, role, term]) => ({ lane, group, from, to, role, term }));
const broken = data.history.findIndex(entry => entry.id === data.unplaceable);
const endOfRun = Math.max(1, data.endUs);

/** 12.345 ms, as short as it can be said. */
function time(us) {
  if (us >= 1e6) return (us / 1e6).toFixed(us >= 1e7 ? 2 : 4) + " s";
  if (us >= 1e3) return (us / 1e3).toFixed(3) + " ms";
  return us.toFixed(us > 0 && us < 10 ? 1 : 0) + " µs";
}

/** A map from virtual time to a straight line on which long waits are short, and back. */
const axis = (() => {
  const moments = new Set([0, endOfRun]);
  for (const e of events) moments.add(e.at);
  for (const m of messages) { moments.add(m.sent); moments.add(m.end); }
  for (const d of disks) { moments.add(d.from); moments.add(d.to); }
  for (const r of requests) { moments.add(r.from); moments.add(r.to); }
  const at = [...moments].filter(us => us <= endOfRun).sort((a, b) => a - b);
  const gaps = at.slice(1).map((us, i) => us - at[i]).filter(us => us > 0).sort((a, b) => a - b);
  const most = gaps.length === 0 ? 1 : Math.max(1, gaps[Math.floor(gaps.length * 0.95)] * 3);
  const warped = [0];
  const waits = [];
  for (let i = 1; i < at.length; i++) {
    const gap = at[i] - at[i - 1];
    warped.push(warped[i - 1] + Math.min(gap, most));
    if (gap > most * 4) waits.push({ from: at[i - 1], to: at[i] });
  }
  let straight = false;
  function interpolate(xs, ys, x) {
    if (x <= xs[0]) return ys[0];
    const last = xs.length - 1;
    if (x >= xs[last]) return ys[last];
    let low = 0, high = last;
    while (high - low > 1) { const middle = (low + high) >> 1; if (xs[middle] <= x) low = middle; else high = middle; }
    return ys[low] + (ys[high] - ys[low]) * (x - xs[low]) / (xs[high] - xs[low] || 1);
  }
  return {
    waits,
    get straight() { return straight; },
    set straight(value) { straight = value; },
    get length() { return straight ? endOfRun : warped[warped.length - 1] || 1; },
    place: us => straight ? us : interpolate(at, warped, us),
    moment: place => straight ? place : interpolate(warped, at, place),
  };
})();

/** The first event at or after a moment. */
function eventAt(us) {
  let low = 0, high = events.length;
  while (low < high) { const middle = (low + high) >> 1; if (events[middle].at < us) low = middle + 1; else high = middle; }
  return Math.min(low, events.length - 1);
}

/** An element with text: text never becomes markup. */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value); else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.map(child => child instanceof Node ? child : String(child)));
  return made;
}
