"use strict";
window.addEventListener("error", failure => { document.documentElement.dataset.error = failure.message; });
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("main");

  function element(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
    made.append(...children.map(child => child instanceof Node ? child : String(child)));
    return made;
  }
  function number(value, digits) { return Number(value).toLocaleString("en", { maximumFractionDigits: digits ?? 0 }); }
  function table(heads, rows, classOf) {
    const numeric = heads.map(head => head.startsWith("#"));
    return element("div", { class: "scroll" }, element("table", {},
      element("thead", {}, element("tr", {}, ...heads.map((head, i) => element("th", numeric[i] ? { class: "number" } : {}, head.replace("#", ""))))),
      element("tbody", {}, ...rows.map(row => element("tr", { class: classOf ? classOf(row) : "" }, ...row.map((cell, i) => element("td", { class: numeric[i] ? "number" : "text" }, cell)))))));
  }
  function counts(title, values, kind) {
    const entries = Object.entries(values), most = Math.max(1, ...entries.map(([, count]) => count));
    const place = element("div", {}, element("h2", {}, title));
    place.append(entries.length === 0 ? element("p", {}, "None.") : table(["", "#times", ""], entries.map(([name, count]) => {
      const bar = element("span", { class: "bar " + kind });
      bar.style.width = Math.max(1, 100 * Math.log1p(count) / Math.log1p(most)) + "%";
      return [name, number(count), bar];
    })));
    return place;
  }

  document.getElementById("title").textContent = "Simulation campaign" + (data.shard ? ", shard " + data.shard : "");
  const verdict = document.getElementById("verdict");
  verdict.textContent = data.verdict === "clean" ? "clean" : "promise broken";
  verdict.classList.add(data.verdict === "clean" ? "ok" : "bad");

  const tiles = element("div", { class: "tiles" });
  for (const [value, words] of [
    [number(data.iterations), "runs"], [number(data.schedules), "different schedules"], [number(data.events), "events"], [number(data.requests), "requests of clients"],
    [number(data.virtualSeconds) + " s", "virtual time"], [number(data.wallSeconds, 1) + " s", "real time"], [number(data.virtualOverReal, 1) + " : 1", "virtual over real time"],
    [number(data.schedulesPerSecond, 1), "schedules a second"], [number(data.eventsPerSecond), "events a second"],
    [number(Object.values(data.faults).reduce((sum, count) => sum + count, 0)), "faults"], [Object.keys(data.marks).length + " / " + data.marksNeverHit.length, "marks reached / never"], [data.traceHash, "trace hash"],
  ]) tiles.append(element("div", { class: "tile" }, element("b", {}, value), element("span", {}, words)));
  main.append(tiles);

  for (const run of data.runs.filter(one => one.verdict !== "clean")) {
    const place = element("div", { class: "failure" }, element("h2", {}, run.scenario + ": promise '" + run.promiseBroken + "' broken, " + run.strategy + ", seed " + run.seed), element("pre", {}, run.explanation || ""));
    if (run.shrunk) place.append(element("p", {}, "Shrunk from " + run.shrunk.eventsBefore + " to " + run.shrunk.events + " events" + (run.shrunk.minimal ? "; nothing more can go." : "; time ran out, more may go.")));
    for (const [words, value] of [["Again: ", run.replayCommand], ["Choices: ", run.choiceFile], ["Shrunk choices: ", run.shrunk && run.shrunk.choiceFile], ["Page: ", run.htmlFile], ["Trace: ", run.traceFile]]) {
      if (value) place.append(element("div", {}, words, element("code", {}, value)));
    }
    main.append(place);
  }

  main.append(element("h2", {}, "Explorations"), table(["scenario", "strategy", "#first seed", "#runs", "#schedules", "#events", "#virtual s", "#real s", "#events/s", "verdict"],
    data.runs.map(run => [run.scenario, run.strategy, run.seed, number(run.iterations), number(run.schedules), number(run.events), number(run.virtualSeconds, 1), number(run.wallSeconds, 1),
      number(run.events / Math.max(run.wallSeconds, 1e-6)), run.verdict === "clean" ? "clean" : "broken: " + run.promiseBroken]), row => row[9] === "clean" ? "" : "broken"));

  const columns = element("div", { class: "columns" });
  columns.append(counts("Faults that happened", data.faults, "fault"));
  const marks = counts("Marks reached", data.marks, "");
  if (data.marksNeverHit.length > 0) marks.append(element("h2", {}, "Marks never reached"), element("p", { class: "never" }, data.marksNeverHit.join(", ")));
  columns.append(marks);
  main.append(columns);
  if (data.detection.length > 0) {
    main.append(element("h2", {}, "Planted bugs: " + data.detection.filter(row => row.found).length + " of " + data.detection.length + " found"),
      table(["bug", "class", "promise", "found", "strategy", "#schedules, median", "#95%"], data.detection.map(row =>
        [row.bug, row.class, row.promise, row.found ? "yes" : "NO", row.strategy, row.schedulesMedian === null ? "" : number(row.schedulesMedian, 1), row.schedulesP95 === null ? "" : number(row.schedulesP95, 1)]), row => row[3] === "yes" ? "" : "broken"));
  }

  function theme(value) {
    const root = document.documentElement, dark = value ? value === "dark" : !(root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = dark ? "dark" : "light";
  }
  document.getElementById("theme").addEventListener("click", () => theme());
  document.addEventListener("keydown", key => { if (key.key === "d" && !key.ctrlKey && !key.metaKey) theme(); });
  const wanted = new URLSearchParams(location.hash.slice(1));
  if (wanted.has("theme")) theme(wanted.get("theme"));
  document.documentElement.dataset.ready = "true";
})();
