// The tables under the lanes: events, history, disks, and the account of what was broken.
"use strict";
const panels = (() => {
  const shown = 240;
  const open = {};

  function eventRow(event, state) {
    const classes = ["row", "level-" + event.level];
    if (event.fault) classes.push("fault");
    if (state.selected === event.index) classes.push("selected");
    if (state.matches.has(event.index)) classes.push("match");
    return element("tr", { class: classes.join(" "), "data-event": event.index, onclick: () => page.select(event.index) },
      element("td", { class: "number" }, time(event.at)), element("td", { class: "number" }, event.step), element("td", { class: "nowrap" }, lanes[event.lane].name),
      element("td", { class: "nowrap" }, event.area + "/" + event.name), element("td", { class: "text mono" }, event.text));
  }

  function drawEvents(state) {
    const place = document.getElementById("tab-events");
    const middle = state.selected ?? 0, from = Math.max(0, Math.min(middle - shown / 2, events.length - shown)), to = Math.min(events.length, from + shown);
    const table = element("table", {}, element("thead", {}, element("tr", {},
      element("th", { class: "number" }, "virtual time"), element("th", { class: "number" }, "step"), element("th", {}, "where"), element("th", {}, "event"), element("th", {}, "values"))));
    const body = element("tbody", {});
    for (let index = from; index < to; index++) body.append(eventRow(events[index], state));
    table.append(body);
    place.replaceChildren(element("p", {}, "Events " + (events.length === 0 ? 0 : from + 1) + " to " + to + " of " + events.length + "; the selected one is in the middle."), element("div", { class: "scroll" }, table));
  }

  function drawHistory() {
    const place = document.getElementById("tab-history");
    if (data.history.length === 0) { place.replaceChildren(element("p", {}, "No history was checked in this run: it ended before.")); return; }
    const involved = new Set(data.involved);
    const parts = [];
    if (broken >= 0) {
      parts.push(element("p", {}, element("b", {}, "No order of the requests explains the highlighted answer. "), "What the model holds in the explanations that came furthest:"));
      for (const held of data.states) parts.push(element("pre", {}, held));
    } else parts.push(element("p", {}, "An order was found that explains every answer, or the check did not come to an end."));
    const table = element("table", {}, element("thead", {}, element("tr", {},
      element("th", { class: "number" }, "#"), element("th", {}, "client"), element("th", { class: "number" }, "called"), element("th", { class: "number" }, "returned"),
      element("th", {}, "asked"), element("th", {}, "answered"), element("th", {}, ""))));
    const body = element("tbody", {});
    for (const entry of data.history) {
      const isBroken = entry.id === data.unplaceable, said = isBroken ? "cannot be placed" : involved.has(entry.id) ? "has to do with it" : "";
      body.append(element("tr", { class: "row" + (isBroken ? " unplaceable" : involved.has(entry.id) ? " involved" : ""), "data-entry": entry.id, onclick: () => page.goTo(entry) },
        element("td", { class: "number" }, entry.id), element("td", { class: "nowrap" }, entry.client), element("td", { class: "number" }, time(entry.call)),
        element("td", { class: "number" }, entry.answered === null ? "never" : time(entry.ret)), element("td", { class: "text mono" }, entry.asked),
        element("td", { class: "text mono" }, entry.answered ?? "unknown"), element("td", { class: "nowrap" }, said)));
    }
    table.append(body);
    place.replaceChildren(...parts, element("div", { class: "scroll" }, table));
    place.querySelector("tr.unplaceable")?.scrollIntoView({ block: "center" });
  }

  const letters = { "=": ["synced", "synced"], k: ["kept", "not synced, and kept"], x: ["lost", "not synced, and lost"], t: ["torn", "an older write, or part of one that was on its way"], "!": ["write", "unreadable"], ".": ["hole", "never written"] };

  function sectorMap(map) {
    const strip = element("div", { class: "map", role: "img" });
    const said = {};
    for (let at = 0; at < map.length;) {
      let end = at;
      while (end < map.length && map[end] === map[at]) end++;
      said[map[at]] = (said[map[at]] || 0) + end - at;
      const part = element("i", {});
      part.style.flex = String(end - at);
      part.style.background = "var(--" + letters[map[at]][0] + ")";
      strip.append(part);
      at = end;
    }
    const words = Object.entries(said).map(([letter, count]) => count + " " + letters[letter][1]).join("; ");
    strip.setAttribute("aria-label", words);
    strip.title = words;
    return strip;
  }

  function bytes(length) { return length === null ? "not there" : length.toLocaleString("en") + " B"; }

  function drawDisks() {
    const place = document.getElementById("tab-disks");
    if (data.crashes.length === 0) { place.replaceChildren(element("p", {}, "No disk lost power in this run.")); return; }
    const legend = element("p", {}, "Sectors: ");
    for (const [name, words] of Object.values(letters)) {
      const box = element("i", {});
      box.style.cssText = "display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 5px 0 12px;vertical-align:-1px;background:var(--" + name + ")";
      legend.append(box, words);
    }
    const parts = [legend];
    for (const crash of data.crashes) {
      const touched = crash.files.filter(file => file.unsynced > 0 || file.bad > 0 || file.before !== file.after || file.durable !== file.before);
      parts.push(element("h3", {}, "Power loss at " + time(crash.at) + ": node " + crash.node + ", disk " + crash.disk));
      if (touched.length > 0) {
        const table = element("table", {}, element("thead", {}, element("tr", {},
          element("th", {}, "file"), element("th", { class: "number" }, "read before"), element("th", { class: "number" }, "synced"), element("th", { class: "number" }, "found after"),
          element("th", { class: "number" }, "unsynced sectors"), element("th", { class: "number" }, "kept"), element("th", { class: "number" }, "lost"), element("th", { class: "number" }, "torn"),
          element("th", { class: "number" }, "unreadable"), element("th", {}, "sectors after"))));
        const body = element("tbody", {});
        for (const file of touched) {
          body.append(element("tr", {}, element("td", { class: "mono nowrap" }, file.name), element("td", { class: "number" }, bytes(file.before)), element("td", { class: "number" }, bytes(file.durable)),
            element("td", { class: "number" }, bytes(file.after)), element("td", { class: "number" }, file.unsynced), element("td", { class: "number" }, file.kept), element("td", { class: "number" }, file.lost),
            element("td", { class: "number" }, file.torn), element("td", { class: "number" }, file.bad), element("td", {}, sectorMap(file.map))));
        }
        table.append(body);
        parts.push(element("div", { class: "scroll" }, table));
      }
      parts.push(element("p", {}, (crash.files.length - touched.length) + " files were synced whole and are as they were" + (crash.files.length === 0 ? " (the disk was empty)" : "") + "."));
    }
    place.replaceChildren(...parts);
  }

  function drawAccount() {
    const place = document.getElementById("tab-account");
    const parts = [];
    if (data.promise) parts.push(element("h2", {}, "The promise '" + data.promise + "' is broken"), element("pre", {}, data.explanation ?? ""));
    else parts.push(element("p", {}, "Every promise was kept in this run."));
    if (data.replay) parts.push(element("h2", {}, "The same run again"), element("pre", {}, data.replay));
    const pairs = (title, values) => {
      const list = Object.entries(values);
      if (list.length > 0) {
        parts.push(element("h2", {}, title));
        parts.push(element("div", { class: "scroll" }, element("table", {}, element("tbody", {}, ...list.map(([name, count]) => element("tr", {}, element("td", {}, name), element("td", { class: "number" }, count)))))));
      }
    };
    pairs("Faults", data.faults);
    pairs("Marks reached", data.marks);
    place.replaceChildren(...parts);
  }

  const titles = { events: "Events", history: "History", disks: "Disks at power loss", account: data.promise ? "What was broken" : "Account" };

  function choose(name, state) {
    for (const key of Object.keys(titles)) {
      document.getElementById("tab-" + key).classList.toggle("open", key === name);
      document.getElementById("choose-" + key).setAttribute("aria-selected", key === name);
    }
    if (name === "events") drawEvents(state);
    else if (!open[name]) { open[name] = true; ({ history: drawHistory, disks: drawDisks, account: drawAccount })[name](); }
  }

  Object.entries(titles).forEach(([key, title], index) => document.getElementById("tabs").append(
    element("button", { id: "choose-" + key, role: "tab", title: title + " (" + (index + 1) + ")", onclick: () => page.tab(key) }, title)));
  return { choose, drawEvents, names: Object.keys(titles) };
})();
