// The lanes: drawn on a canvas from the part of the run that is in view.
"use strict";
const timeline = (() => {
  const gutter = 132, top = 26, heights = { client: 30, node: 40, disk: 24, world: 24 };
  const canvas = document.getElementById("canvas"), stage = document.getElementById("stage"), tip = document.getElementById("tip");
  const context = canvas.getContext("2d");
  const tops = [];
  let total = top, width = 0, from = 0, to = 1, colours = {}, selected = null, hits = [];
  for (const lane of lanes) { tops.push(total); total += heights[lane.kind]; }
  total += 6;

  function readColours() {
    const style = getComputedStyle(document.documentElement);
    for (const name of ["back", "panel", "line", "text", "dim", "accent", "ok", "unknown", "refused", "bad", "read", "write", "sync", "other", "up", "up-edge", "fault", "mark",
      "leader", "candidate", "follower", "message", "select-back"]) colours[name] = style.getPropertyValue("--" + name).trim();
  }

  function x(us) { return gutter + (axis.place(us) - from) / (to - from) * (width - gutter - 12); }
  function moment(px) { return axis.moment(from + (px - gutter) / (width - gutter - 12) * (to - from)); }

  function clamp() {
    const shortest = axis.length / 1e5;
    if (to - from < shortest) { const middle = (from + to) / 2; from = middle - shortest / 2; to = middle + shortest / 2; }
    const span = Math.min(to - from, axis.length);
    from = Math.max(0, Math.min(from, axis.length - span));
    to = from + span;
  }

  function text(words, left, y, most, colour, bold) {
    if (most < 14) return;
    context.font = (bold ? "600 " : "") + "12px system-ui, 'DejaVu Sans', sans-serif";
    context.fillStyle = colour;
    let shown = words;
    if (context.measureText(shown).width > most) {
      let low = 0, high = shown.length;
      while (high - low > 1) { const middle = (low + high) >> 1; if (context.measureText(words.slice(0, middle) + "…").width <= most) low = middle; else high = middle; }
      shown = low > 0 ? words.slice(0, low) + "…" : "";
    }
    context.fillText(shown, left, y);
  }

  function bar(item, lane, y, height, colour, alpha, words) {
    const left = Math.max(gutter, x(item.from)), right = Math.min(width - 6, Math.max(x(item.to), left + 2));
    if (right < gutter || left > width) return;
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.fillRect(left, y, right - left, height);
    context.globalAlpha = 1;
    hits.push({ left, right, top: y, bottom: y + height, us: item.from, words });
    return { left, right };
  }

  function drawGrid() {
    context.fillStyle = colours.panel;
    context.fillRect(0, 0, width, top - 4);
    context.textBaseline = "middle";
    const wanted = Math.max(2, Math.floor((width - gutter) / 150));
    for (let i = 0; i <= wanted; i++) {
      const px = gutter + i * (width - gutter - 12) / wanted, words = time(moment(px));
      context.strokeStyle = colours.line;
      context.globalAlpha = 0.6;
      context.beginPath(); context.moveTo(px, top - 4); context.lineTo(px, total); context.stroke();
      context.globalAlpha = 1;
      context.font = "12px system-ui, 'DejaVu Sans', sans-serif";
      const size = context.measureText(words).width;
      text(words, Math.min(Math.max(gutter, px - size / 2), width - size - 4), (top - 4) / 2, 140, colours.dim);
    }
    if (!axis.straight) {
      for (const wait of axis.waits) {
        const left = x(wait.from), right = x(wait.to);
        if (right < gutter || left > width || right - left < 3) continue;
        context.fillStyle = colours.line;
        context.globalAlpha = 0.28;
        context.fillRect(Math.max(gutter, left), top - 4, Math.min(width, right) - Math.max(gutter, left), total);
        context.globalAlpha = 1;
        hits.push({ left, right, top: 0, bottom: top, us: wait.from, words: "nothing happens for " + time(wait.to - wait.from) });
      }
    }
  }

  function drawLanes() {
    lanes.forEach((lane, index) => {
      const y = tops[index];
      context.strokeStyle = colours.line;
      context.beginPath(); context.moveTo(0, y + heights[lane.kind]); context.lineTo(width, y + heights[lane.kind]); context.stroke();
    });
  }

  function drawNames() {
    context.fillStyle = colours.back;
    context.fillRect(0, top - 4, gutter - 6, total);
    lanes.forEach((lane, index) => {
      const y = tops[index] + heights[lane.kind] / 2;
      const indent = lane.kind === "disk" ? 26 : 12;
      text((lane.kind === "disk" ? "disk " : "") + lane.name, indent, y, gutter - indent - 10, lane.kind === "disk" ? colours.dim : colours.text, lane.kind === "node");
      context.strokeStyle = colours.line;
      context.beginPath(); context.moveTo(0, tops[index] + heights[lane.kind]); context.lineTo(gutter - 6, tops[index] + heights[lane.kind]); context.stroke();
    });
    context.fillStyle = colours.panel;
    context.fillRect(0, 0, gutter - 6, top - 4);
    text("virtual time", 12, (top - 4) / 2, gutter - 24, colours.dim);
  }

  function drawLives() {
    for (const life of lives) {
      const y = tops[life.lane] + 5, drawn = bar(life, life.lane, y, 30, colours.up, 1, lanes[life.lane].name + " is up from " + time(life.from) + " to " + time(life.to));
      if (!drawn) continue;
      context.strokeStyle = colours["up-edge"];
      context.beginPath(); context.moveTo(drawn.left, y); context.lineTo(drawn.left, y + 30); context.stroke();
    }
    for (const role of roles) {
      const y = tops[role.lane] + 24 + Math.min(role.group, 1) * 6, words = role.role + ", term " + role.term;
      const drawn = bar(role, role.lane, y, 5, colours[role.role] || colours.other, 1, lanes[role.lane].name + ": " + words);
      if (drawn && role.group === 0) text(words, drawn.left + 4, tops[role.lane] + 15, drawn.right - drawn.left - 8, colours.text);
    }
  }

  function drawPowerLosses() {
    for (const life of lives) {
      const end = x(life.to);
      if (life.crashed && end >= gutter && end <= width) cross(end, tops[life.lane] + 20, colours.bad);
    }
  }

  function cross(px, y, colour) {
    context.strokeStyle = colour;
    context.lineWidth = 2.5;
    context.beginPath(); context.moveTo(px - 5, y - 5); context.lineTo(px + 5, y + 5); context.moveTo(px + 5, y - 5); context.lineTo(px - 5, y + 5); context.stroke();
    context.lineWidth = 1;
  }

  function outcome(request) {
    if (request.entry !== null && request.entry === data.unplaceable) return "bad";
    if (request.answered === null || request.answered === "unknown") return "unknown";
    return request.answered.startsWith("2") ? "ok" : "refused";
  }

  function drawRequests() {
    for (const request of requests) {
      const y = tops[request.lane] + 5, kind = outcome(request);
      const drawn = bar(request, request.lane, y, 20, colours[kind], kind === "bad" ? 0.55 : 0.3, request.asked + " → " + (request.answered ?? "unknown"));
      if (!drawn) continue;
      context.strokeStyle = colours[kind];
      context.lineWidth = kind === "bad" ? 2.5 : 1;
      if (kind === "unknown") context.setLineDash([4, 3]);
      context.strokeRect(drawn.left + 0.5, y + 0.5, drawn.right - drawn.left - 1, 19);
      context.setLineDash([]);
      context.lineWidth = 1;
      text(request.asked, drawn.left + 5, y + 10.5, drawn.right - drawn.left - 10, colours.text);
    }
  }

  function drawDisks() {
    for (const request of disks) {
      const kind = request.verb === "Read" ? "read" : request.verb === "Write" ? "write" : request.verb.startsWith("Sync") ? "sync" : "other";
      const words = request.verb + " " + request.file + (request.length > 0 ? " " + request.length + " B at " + request.offset : "");
      bar(request, request.lane, tops[request.lane] + (kind === "sync" ? 4 : 9), kind === "sync" ? 16 : 8, colours[kind], 0.75, words);
    }
  }

  function drawMessages() {
    for (const message of messages) {
      const left = x(message.sent), right = x(message.end);
      if (right < gutter || left > width) continue;
      const down = tops[message.to] > tops[message.from];
      const y1 = tops[message.from] + (down ? heights[lanes[message.from].kind] - 4 : 5), y2 = tops[message.to] + (down ? 5 : heights[lanes[message.to].kind] - 4);
      context.strokeStyle = context.fillStyle = message.arrived ? colours.message : colours.bad;
      context.globalAlpha = 0.75;
      if (!message.arrived) context.setLineDash([5, 4]);
      context.beginPath(); context.moveTo(left, y1); context.lineTo(right, y2); context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
      if (message.arrived) {
        const angle = Math.atan2(y2 - y1, right - left);
        context.beginPath(); context.moveTo(right, y2);
        context.lineTo(right - 7 * Math.cos(angle - 0.4), y2 - 7 * Math.sin(angle - 0.4)); context.lineTo(right - 7 * Math.cos(angle + 0.4), y2 - 7 * Math.sin(angle + 0.4));
        context.fill();
      } else cross(right, y2, colours.bad);
      hits.push({ left: right - 5, right: right + 5, top: y2 - 5, bottom: y2 + 5, us: message.end, words: message.text + (message.arrived ? "" : " (never arrives)") });
    }
  }

  function drawEvents() {
    for (const event of events) {
      const px = x(event.at);
      if (px < gutter || px > width) continue;
      const y = tops[event.lane], bottom = y + heights[lanes[event.lane].kind], words = event.area + "/" + event.name + (event.text ? " " + event.text : "");
      if (event.fault) {
        context.strokeStyle = context.fillStyle = colours.fault;
        context.setLineDash([2, 3]);
        context.beginPath(); context.moveTo(px, top - 4); context.lineTo(px, total); context.stroke();
        context.setLineDash([]);
        context.beginPath(); context.moveTo(px, y + 2); context.lineTo(px + 9, y + 6); context.lineTo(px, y + 10); context.fill();
        hits.push({ left: px - 4, right: px + 9, top: y, bottom: y + 14, us: event.at, index: event.index, words });
      } else if (event.level !== "Info" && event.level !== "Debug") {
        context.fillStyle = event.level === "Mark" ? colours.mark : event.level === "Error" ? colours.bad : colours.unknown;
        context.beginPath(); context.arc(px, bottom - 5, 3.5, 0, 7); context.fill();
        hits.push({ left: px - 4, right: px + 4, top: bottom - 9, bottom, us: event.at, index: event.index, words });
      } else if (event.area !== "client" && event.area !== "check") {
        context.fillStyle = colours.dim;
        context.fillRect(px - 0.5, bottom - 6, 1.5, 5);
        hits.push({ left: px - 2, right: px + 2, top: bottom - 8, bottom, us: event.at, index: event.index, words });
      }
    }
  }

  function drawSelection() {
    if (selected === null) return;
    const px = x(selected.at);
    if (px < gutter || px > width) return;
    context.strokeStyle = colours.accent;
    context.lineWidth = 2;
    context.beginPath(); context.moveTo(px, 0); context.lineTo(px, total); context.stroke();
    context.strokeRect(px - 5, tops[selected.lane] + 2, 10, heights[lanes[selected.lane].kind] - 4);
    context.lineWidth = 1;
  }

  function draw() {
    const scale = window.devicePixelRatio || 1;
    width = stage.clientWidth;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(total * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(total * scale);
      canvas.style.height = total + "px";
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, total);
    hits = [];
    drawGrid(); drawLanes(); drawLives(); drawRequests(); drawDisks(); drawMessages(); drawEvents(); drawPowerLosses(); drawSelection(); drawNames();
    document.getElementById("where").textContent = time(axis.moment(from)) + " – " + time(axis.moment(to)) + " of " + time(endOfRun);
  }

  let asked = false;
  function redraw() { if (!asked) { asked = true; requestAnimationFrame(() => { asked = false; draw(); }); } }

  function zoom(factor, around) {
    const middle = around === undefined ? (selected !== null && axis.place(selected.at) >= from && axis.place(selected.at) <= to ? axis.place(selected.at) : (from + to) / 2) : around;
    from = middle - (middle - from) * factor;
    to = from + (to - from) * factor;
    clamp();
    redraw();
  }

  function pan(part) { const by = (to - from) * part; from += by; to += by; clamp(); redraw(); }
  function fit() { from = 0; to = axis.length; redraw(); }
  function show(startUs, endUs) {
    const left = axis.place(startUs), right = axis.place(endUs), room = Math.max((right - left) * 0.4, axis.length / 200);
    from = left - room; to = right + room;
    clamp(); redraw();
  }

  function select(event) {
    selected = event;
    const place = axis.place(event.at);
    if (place < from || place > to) { const span = to - from; from = place - span / 2; to = from + span; clamp(); }
    const y = tops[event.lane];
    if (y < stage.scrollTop || y + 40 > stage.scrollTop + stage.clientHeight) stage.scrollTop = Math.max(0, y - 60);
    redraw();
  }

  function hit(mouse) {
    const place = canvas.getBoundingClientRect(), px = mouse.clientX - place.left, py = mouse.clientY - place.top;
    return hits.findLast(one => px >= one.left - 1 && px <= one.right + 1 && py >= one.top && py <= one.bottom);
  }

  canvas.addEventListener("wheel", wheel => {
    if (wheel.ctrlKey || !wheel.shiftKey && Math.abs(wheel.deltaY) >= Math.abs(wheel.deltaX)) {
      const place = from + (wheel.offsetX - gutter) / (width - gutter - 12) * (to - from);
      zoom(wheel.deltaY > 0 ? 1.2 : 1 / 1.2, Math.max(from, Math.min(to, place)));
    } else pan((wheel.deltaX || wheel.deltaY) / 800);
    wheel.preventDefault();
  }, { passive: false });
  let drag = null;
  canvas.addEventListener("pointerdown", pointer => { drag = { x: pointer.clientX, from, to, moved: false }; canvas.setPointerCapture(pointer.pointerId); });
  canvas.addEventListener("pointermove", pointer => {
    if (drag !== null) {
      const by = (drag.x - pointer.clientX) / (width - gutter - 12) * (drag.to - drag.from);
      drag.moved ||= Math.abs(drag.x - pointer.clientX) > 3;
      if (drag.moved) { from = drag.from + by; to = drag.to + by; clamp(); redraw(); }
      return;
    }
    const one = hit(pointer);
    tip.style.display = one ? "block" : "none";
    if (one) {
      tip.textContent = time(one.us) + "  " + one.words;
      tip.style.left = Math.max(4, Math.min(pointer.clientX + 14, window.innerWidth - tip.offsetWidth - 8)) + "px";
      tip.style.top = Math.max(4, Math.min(pointer.clientY + 14, window.innerHeight - tip.offsetHeight - 8)) + "px";
    }
  });
  canvas.addEventListener("pointerup", pointer => {
    if (drag !== null && !drag.moved) { const one = hit(pointer); if (events.length > 0) page.select(one?.index ?? eventAt(one ? one.us : moment(pointer.offsetX))); }
    drag = null;
  });
  canvas.addEventListener("pointerleave", () => { tip.style.display = "none"; });
  canvas.addEventListener("dblclick", mouse => zoom(0.5, from + (mouse.offsetX - gutter) / (width - gutter - 12) * (to - from)));
  window.addEventListener("resize", redraw);
  return { redraw, zoom, pan, fit, show, select, recolour() { readColours(); redraw(); }, get span() { return (to - from) / axis.length; } };
})();
