// Keys, buttons, search, and what the page starts with. The part after # may say: tab, event, theme, zoom, help.
"use strict";
const page = (() => {
  const state = { selected: null, tab: "events", matches: new Set(), order: [] };
  const search = document.getElementById("search"), help = document.getElementById("help");

  function select(index) {
    if (events.length === 0) return;
    state.selected = Math.max(0, Math.min(events.length - 1, index));
    timeline.select(events[state.selected]);
    if (state.tab === "events") {
      panels.drawEvents(state);
      document.querySelector("tr.selected")?.scrollIntoView({ block: "nearest" });
    }
    document.documentElement.dataset.selected = state.selected;
  }

  function tab(name) { state.tab = name; panels.choose(name, state); }

  function stepBy(by, wanted) {
    for (let index = (state.selected ?? (by > 0 ? -1 : events.length)) + by; index >= 0 && index < events.length; index += by) {
      if (wanted === undefined || wanted(events[index])) { select(index); return; }
    }
  }

  function find() {
    const words = search.value.trim().toLowerCase();
    state.matches = new Set();
    if (words !== "") for (const e of events) if ((lanes[e.lane].name + " " + e.area + "/" + e.name + " " + e.text).toLowerCase().includes(words)) state.matches.add(e.index);
    document.getElementById("found").textContent = words === "" ? "" : state.matches.size + (state.matches.size === 1 ? " event" : " events");
    document.documentElement.dataset.found = state.matches.size;
    if (state.tab === "events") panels.drawEvents(state);
  }

  function goTo(entry) {
    timeline.show(entry.call, entry.answered === null ? entry.call : entry.ret);
    select(eventAt(entry.call));
  }

  function theme(value) {
    const dark = value ? value === "dark" : !(document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    timeline.recolour();
  }

  function straight() {
    axis.straight = !axis.straight;
    document.getElementById("axis").textContent = axis.straight ? "Waits: to scale" : "Waits: short";
    timeline.fit();
  }

  const keys = [
    ["→ ←", "one event on, back"], ["shift → ←", "next, previous fault"], ["n N", "next, previous match of the search"], ["/", "search"], ["+ −", "zoom in, out"], ["a s", "to the left, to the right"],
    ["f", "the whole run"], ["t", "long waits short, or true to scale"], ["b", "to the request that cannot be placed"], ["1 2 3 4", "events, history, disks, account"], ["d", "light or dark"], ["?", "these keys"], ["Esc", "close, clear the search"],
  ];
  const actions = {
    ArrowRight: key => stepBy(1, key.shiftKey ? e => e.fault : undefined), ArrowLeft: key => stepBy(-1, key.shiftKey ? e => e.fault : undefined), Home: () => select(0), End: () => select(events.length - 1),
    n: () => stepBy(1, e => state.matches.has(e.index)), N: () => stepBy(-1, e => state.matches.has(e.index)), "+": () => timeline.zoom(0.6), "=": () => timeline.zoom(0.6), "-": () => timeline.zoom(1 / 0.6),
    a: () => timeline.pan(-0.2), s: () => timeline.pan(0.2), f: () => timeline.fit(), t: straight, d: () => theme(), b: () => { if (broken >= 0) goTo(data.history[broken]); },
    "/": () => search.focus(), "?": () => help.classList.toggle("open"), Escape: () => { help.classList.remove("open"); search.value = ""; find(); search.blur(); },
  };
  panels.names.forEach((name, index) => { actions[String(index + 1)] = () => tab(name); });
  document.addEventListener("keydown", key => {
    if (key.ctrlKey || key.metaKey || key.altKey) return;
    if (key.target === search) {
      if (key.key === "Enter") { stepBy(1, e => state.matches.has(e.index)); key.preventDefault(); }
      if (key.key !== "Escape") return;
    }
    const action = Object.hasOwn(actions, key.key) ? actions[key.key] : undefined;
    if (action) { action(key); key.preventDefault(); }
  });
  search.addEventListener("input", find);
  help.addEventListener("click", () => help.classList.remove("open"));
  help.firstElementChild.append(element("h2", {}, "Keys"), element("table", {}, element("tbody", {}, ...keys.map(([key, does]) => element("tr", {},
    element("td", { class: "nowrap" }, ...key.split(" ").map(one => element("kbd", {}, one))), element("td", {}, does))))), element("p", {}, "The wheel zooms, dragging moves, a click selects."));
  for (const [id, does] of Object.entries({
    back: () => stepBy(-1), forward: () => stepBy(1), fault: () => stepBy(1, e => e.fault), broken: actions.b, out: actions["-"], in: actions["+"], fit: actions.f, axis: straight, theme: () => theme(), helper: actions["?"],
  })) document.getElementById(id).addEventListener("click", does);

  function head() {
    document.getElementById("title").textContent = data.title;
    const verdict = document.getElementById("verdict");
    verdict.textContent = data.promise ? "'" + data.promise + "' broken" : "clean";
    verdict.classList.add(data.promise ? "bad" : "ok");
    for (const [name, value] of data.facts) document.getElementById("facts").append(element("span", {}, name + " ", element("b", {}, value)));
    if (data.leftOut.length > 0) {
      const place = document.getElementById("left-out");
      place.hidden = false;
      place.textContent = "Left out to keep the page small: " + data.leftOut.join("; ") + ".";
    }
    document.getElementById("broken").hidden = broken < 0;
    const kinds = new Set(lanes.map(lane => lane.kind)), legend = document.getElementById("legend");
    const say = (colour, words) => { const box = element("i", {}); box.style.background = "var(--" + colour + ")"; legend.append(element("span", {}, box, words)); };
    if (kinds.has("client")) { say("ok", "answered"); say("refused", "refused"); say("unknown", "no answer"); if (broken >= 0) say("bad", "cannot be placed"); }
    if (kinds.has("node")) { say("up", "node is up"); say("bad", "✖ power loss, message lost"); say("fault", "fault"); say("mark", "mark reached"); }
    if (roles.length > 0) { say("leader", "leader"); say("candidate", "candidate"); say("follower", "follower"); }
    if (kinds.has("disk")) { say("read", "disk reads"); say("write", "disk writes"); say("sync", "disk syncs"); say("other", "other disk requests"); }
  }

  function start() {
    head();
    timeline.recolour();
    timeline.fit();
    const wanted = new URLSearchParams(location.hash.slice(1));
    if (wanted.has("theme")) theme(wanted.get("theme"));
    tab(panels.names.includes(wanted.get("tab")) ? wanted.get("tab") : broken >= 0 ? "history" : data.promise ? "account" : "events");
    if (wanted.has("event")) select(Number(wanted.get("event")) || 0);
    else if (broken >= 0) select(eventAt(data.history[broken].call));
    if (Number(wanted.get("zoom")) > 0) timeline.zoom(1 / Number(wanted.get("zoom")));
    if (wanted.has("help")) help.classList.add("open");
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", timeline.recolour);
    document.documentElement.dataset.ready = "true";
  }
  return { select, tab, goTo, start, state };
})();
page.start();
