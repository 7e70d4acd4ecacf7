"use strict";
// The page of tensionsim: what is set stands in `state` and in the address; answers are drawn as they come.
// Without a server (the page as one file) the answers are in the page itself, and outlooks are chosen, not set.

const $ = (id) => document.getElementById(id);
const held = $("data") ? JSON.parse($("data").textContent) : null;
const token = new URLSearchParams(location.search).get("token") || "";
const FIRST = 100, FULL = 1000;
const SVG = "http://www.w3.org/2000/svg";

let state = { a: null, b: null, run: null };
let past = [], future = [];
let about = {}; // descriptions by scenario and outlook
let spans = {}; // dates by scenario, once they are told
let seen = null; // the answer that is drawn
let story = null; // the run that is read
let first = "", wanted = 0, isAsking = false, refining = null;

// Small tools

function node(name, attributes = {}, ...inside) {
  const made = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked" || key === "hidden") made[key] = value;
    else if (value !== false && value !== null) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...inside.filter((one) => one !== null && one !== undefined));
  return made;
}
const s = (name, attributes, ...inside) => node(`svg:${name}`, attributes, ...inside);
const fill = (where, ...inside) => where.replaceChildren(...inside.filter((one) => one !== null));
const copy = (value) => JSON.parse(JSON.stringify(value));
const signed = (value, digits = 1) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits);
const percent = (share, error) => `${(100 * share).toFixed(1)} %${error ? ` ±${(100 * error).toFixed(1)}` : ""}`;
const words = (name) => name.replaceAll("_", " ");
const sides = () => (state.b ? [state.a, state.b] : [state.a]);
const bare = (scenario, outlook = null) => ({ scenario, outlook, values: {}, moves: [], mechanisms: {} });
const keyOf = (side) => `${side.scenario}\n${side.outlook || ""}`;
const describing = (side = state.a) => about[keyOf(side)];
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function say(text, isBad = false) {
  if ($("status").textContent !== text) $("status").textContent = text;
  $("status").classList.toggle("bad", isBad);
}

// Asking

class Told extends Error {
  constructor(message, status) {
    super(message);
    this.canBeMended = status === 0 || status === 503;
  }
}

async function ask(what, body = {}, signal = undefined) {
  if (held) return answered(what, body);
  const headers = { "content-type": "application/json", ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(`api/${what}`, { method: "POST", headers, body: JSON.stringify(body),
    signal }).catch((problem) => {
    throw problem.name === "AbortError" ? problem : new Told("The server does not answer; the page goes on trying.", 0);
  });
  const found = await response.json().catch(() => ({ error: "the server gave no answer" }));
  if (!response.ok) throw new Told(found.error, response.status);
  return found;
}

function answered(what, body) {
  const labels = (body.sides || []).map((side) => side.scenario);
  if (what === "scenarios") return { scenarios: held.labels, first: held.labels[0] };
  if (what === "describe") return held.describe[body.scenario];
  if (what === "why") return { sides: labels.map((label) => held.why[label][body.row]).filter(Boolean) };
  if (what === "run") return held.run[labels[0]];
  const difference = labels.length === 2 ? held.difference[labels.join("\n")] : null;
  if (labels.length === 2 && labels[0] !== labels[1] && !difference)
    throw new Told("only outlooks of the same dates can be compared; choose another", 400);
  return { sides: labels.map((label) => held.answer[label]), difference };
}

// The first answer comes from few runs, and one question is under way at a time: what was set meanwhile is asked next,
// what was set before that never. The refined answer follows, and is left as soon as anything is set.
async function refresh() {
  wanted += 1;
  document.body.dataset.runs = 0;
  if (refining) refining.abort();
  if (isAsking) return;
  isAsking = true;
  let mine = -1, isFailed = false;
  while (mine !== wanted) {
    mine = wanted;
    isFailed = !(await tried(FIRST, mine));
  }
  isAsking = false;
  if (isFailed || held) return;
  refining = new AbortController();
  await tried(FULL, mine, refining.signal);
}

async function tried(runs, mine, signal = undefined) {
  for (;;) {
    try {
      const asked = copy(sides());
      for (const side of asked) await known(side);
      const found = await ask("answer", { sides: asked, runs }, signal);
      if (signal && mine !== wanted) return false;
      draw(found, asked);
      say(held || runs === FULL ? "" : `From the first ${FIRST} runs; the other ${FULL - FIRST} are on their way.`);
      if (runs === FULL || held) speak();
      return true;
    } catch (problem) {
      if (problem.name === "AbortError") return false;
      if (!(problem instanceof Told)) throw problem;
      say(problem.message, true);
      if (!problem.canBeMended) {
        $("headline").textContent = "…";
        return false;
      }
      await pause(1200);
      if (mine !== wanted) return false;
    }
  }
}

async function known(side) {
  if (!describing(side)) say(`Reading ${side.scenario} …`);
  if (!describing(side)) about[keyOf(side)] = await ask("describe", { scenario: side.scenario, outlook: side.outlook });
  return describing(side);
}

// What is set

function change(mutate) {
  past.push(JSON.stringify(state));
  future = [];
  mutate(state);
  settle();
}

function settle(withControls = true) {
  const hash = `#${encodeURIComponent(JSON.stringify(state))}`;
  try { history.replaceState(null, "", hash); } catch { /* a page within a notebook has no address */ }
  retell();
  if (withControls) controls().catch((problem) => say(problem.message, true));
  refresh();
  steps();
}

function steps() {
  $("undo").disabled = !past.length;
  $("redo").disabled = !future.length;
}

function step(from, to) {
  if (!from.length) return;
  to.push(JSON.stringify(state));
  state = JSON.parse(from.pop());
  settle();
}

function fromAddress() {
  try {
    const found = JSON.parse(decodeURIComponent(location.hash.slice(1)));
    const isSide = (side) => side && typeof side.scenario === "string";
    const whole = (side) => ({ ...bare(side.scenario, side.outlook ?? null), ...side });
    if (isSide(found.a)) return { a: whole(found.a), b: isSide(found.b) ? whole(found.b) : null,
      run: found.run ?? null };
  } catch { /* no state in it */ }
  return null;
}

async function controls() {
  const it = await known(state.a);
  $("title").textContent = it.title;
  document.title = it.title;
  $("span").textContent = `${it.start} to ${it.end}, by the ${it.step}; seed ${held ? held.seed : 0}`;
  options($("scenario"), names.map((name) => [name, name]), state.a.scenario);
  options($("outlook"), [["", "as written"], ...it.outlooks], state.a.outlook || "");
  $("outlook-choice").hidden = !it.outlooks.length;
  compareWith(it);
  const issues = (name) => it.issues[name] || it.actors[name] || name;
  const groups = Object.keys(it.actors).map((actor) => {
    const mine = it.controls.filter((one) => one.actor === actor);
    const kinds = [...new Set(mine.map((one) => one.kind))];
    const open = $(`of-${actor}`) ? $(`of-${actor}`).open : it.principals[0] === actor && innerWidth > 820;
    const parts = kinds.flatMap((kind) => {
      const some = mine.filter((one) => one.kind === kind);
      const head = node("h3", {}, kind[0].toUpperCase() + kind.slice(1), " ", node("small", {}, some[0].about));
      return [head, ...some.map((one) => slider(one, one.key ? issues(one.key) : it.actors[actor], it))];
    });
    return mine.length ? node("details", { id: `of-${actor}`, open }, node("summary", {}, it.actors[actor]), ...parts)
      : null;
  });
  const focused = document.activeElement && document.activeElement.id;
  fill($("controls"), ...groups);
  fill($("mechanisms"), ...it.mechanisms.map(toggle));
  menus(it);
  placed(it);
  if (focused && document.activeElement.id !== focused) $(focused)?.focus();
  $("date").max = it.dates.length - 1;
  if (+$("date").value === 0 || +$("date").value >= it.dates.length) $("date").value = it.dates.length - 1;
}

function options(select, pairs, value) {
  const was = [...select.options].map((one) => `${one.value} ${one.text}`).join();
  if (was !== pairs.map(([key, text]) => `${key} ${text}`).join())
    fill(select, ...pairs.map(([key, text]) => node("option", { value: key }, text)));
  select.value = value;
}

function slider(one, name, it) {
  const value = state.a.values[one.path] ?? one.value;
  const id = `c-${one.path}`, shown = node("output", { for: id }, value.toFixed(2));
  const input = node("input", { type: "range", id, min: one.low, max: one.high, step: 0.01, value });
  input.value = value;
  const box = node("div", { class: `control${one.path in state.a.values ? " changed" : ""}` });
  const notes = [one.uncertain ? "uncertain, its mean" : "", one.until ? `until ${one.until}` : ""].filter(Boolean);
  const label = `${one.key ? name : "all issues"}${notes.length ? ` (${notes.join("; ")})` : ""}`;
  input.setAttribute("aria-label", `${it.actors[one.actor]}: ${one.kind}${one.key ? `, ${name}` : ""}`);
  let before = null;
  input.addEventListener("input", () => {
    before ??= JSON.stringify(state);
    state.a.values[one.path] = +input.value;
    shown.textContent = (+input.value).toFixed(2);
    box.classList.add("changed");
    settle(false);
  });
  input.addEventListener("change", () => {
    if (before) past.push(before);
    before = null;
    future = [];
    steps();
  });
  box.append(node("label", { for: id }, label), input, shown);
  return box;
}

function toggle(one) {
  const isOn = state.a.mechanisms[one.name] ?? one.on;
  const box = node("input", { type: "checkbox", id: `s-${one.name}`, checked: isOn });
  box.addEventListener("change", () => change((to) => {
    if (box.checked === one.on) delete to.a.mechanisms[one.name];
    else to.a.mechanisms[one.name] = box.checked;
  }));
  return node("div", { class: "switch" }, box, node("label", { for: `s-${one.name}` },
    `${words(one.name)}: ${one.about}`));
}

function menus(it) {
  const actor = $("m-actor").value && it.moves[$("m-actor").value] ? $("m-actor").value : it.principals[0];
  options($("m-actor"), Object.keys(it.moves).filter((name) => it.moves[name].length).map((name) =>
    [name, it.actors[name]]), actor);
  const moves = it.moves[actor] || [];
  if (!moves.length) return;
  const move = moves.find((one) => one.name === $("m-move").value) || moves[0];
  options($("m-move"), moves.map((one) => [one.name, `${signed(one.score)}  ${one.words}`]), move.name);
  const targets = [...new Set(move.ways.map(([target]) => target))];
  const usual = it.principals.find((name) => name !== actor && targets.includes(name));
  const target = targets.includes($("m-target").value) ? $("m-target").value : usual || targets[0];
  options($("m-target"), targets.map((name) => [name, it.actors[name]]), target);
  const issues = move.ways.filter(([name]) => name === target).map(([, issue]) => issue);
  const issue = issues.includes($("m-issue").value) ? $("m-issue").value : issues[0];
  options($("m-issue"), issues.map((name) => [name, it.issues[name]]), issue);
  Object.assign($("m-date"), { min: it.start, max: it.end });
  if (!$("m-date").value || $("m-date").value < it.start || $("m-date").value > it.end)
    $("m-date").value = it.dates[Math.floor(it.dates.length / 4)];
}

const moveWords = (it, [, actor, target, issue, move]) =>
  `${it.actors[actor]}: ${words(move)}, towards ${it.actors[target]} on ${(it.issues[issue] || issue).toLowerCase()}`;

function placed(it) {
  const own = state.a.moves.map((move, place) => {
    const day = node("input", { type: "date", id: `d-${place}`, min: it.start, max: it.end, value: move[0],
      "aria-label": `Date of ${moveWords(it, move)}` });
    day.addEventListener("change", () => { if (day.value) change((to) => { to.a.moves[place][0] = day.value; }); });
    const away = node("button", { type: "button", "aria-label": `Remove ${moveWords(it, move)}` }, "Remove");
    away.addEventListener("click", () => { change((to) => to.a.moves.splice(place, 1)); $("m-actor").focus(); });
    return node("li", {}, `${moveWords(it, move)} `, day, " ", away);
  });
  const given = it.schedule.map(([date, actor, does]) =>
    node("li", { class: "soft" }, `${date}: ${it.actors[actor]} ${does} (in the scenario)`));
  fill($("placed"), ...own, ...given);
}

// Whether a scenario has the dates of what is set, as far as they are known.
const fits = (name, it) => (held ? `${state.a.scenario}\n${name}` in held.difference
  : !spans[name] || String(spans[name]) === String([it.start, it.dates.at(-1), it.step]));

function compareWith(it) {
  const others = names.filter((name) => name !== state.a.scenario && (fits(name, it) || name === state.b?.scenario));
  const own = it.outlooks.filter(([name]) => name !== state.a.outlook);
  const pairs = [["", "nothing"],
    ...(held ? [] : [["written", "the scenario as written"], ["now", "what is set now, held"]]),
    ...own.map(([name, title]) => [`o:${name}`, `outlook ${title}`]), ...others.map((name) => [`s:${name}`, name])];
  const b = state.b;
  const isBare = b && !Object.keys(b.values).length && !b.moves.length && !Object.keys(b.mechanisms).length;
  let value = b ? "now" : "";
  if (isBare) {
    const way = b.scenario !== state.a.scenario ? `s:${b.scenario}` : b.outlook && b.outlook !== state.a.outlook
      ? `o:${b.outlook}` : "written";
    if (pairs.some(([key]) => key === way)) value = way;
  }
  options($("compare"), pairs, value);
}

function compared() {
  const [kind, name] = [$("compare").value.slice(0, 2), $("compare").value.slice(2)];
  if ($("compare").value === "") return null;
  if ($("compare").value === "now") return copy(state.a);
  return kind === "s:" ? bare(name) : bare(state.a.scenario, kind === "o:" ? name : null);
}

// Drawing

const nameOf = (side) => {
  const it = about[keyOf(side)];
  const outlook = side.outlook && it ? (it.outlooks.find(([name]) => name === side.outlook) || [0, side.outlook])[1]
    : "";
  const set = Object.keys(side.values).length + side.moves.length + Object.keys(side.mechanisms).length;
  return [held || !it ? side.scenario : it.title, outlook, set ? `with ${set} change${set > 1 ? "s" : ""}` : ""]
    .filter(Boolean).join(", ");
};

function draw(found, asked) {
  seen = { ...found, asked, dates: describing(asked[0]).dates };
  const [a, b] = found.sides, last = seen.dates.length - 1;
  const level = (one) => `${one.index.median[last].toFixed(1)}`;
  const range = `9 runs in 10: ${a.index.q05[last].toFixed(0)} to ${a.index.q95[last].toFixed(0)}`;
  const also = found.difference && b ? `; the other ends at ${level(b)}` : "";
  const runs = a.runs.toLocaleString("en");
  $("headline").textContent = `The index ends at ${level(a)} (${range}), from ${runs} runs${also}`;
  Object.assign(document.body.dataset, { runs: a.runs, end: a.index.median[last],
    answers: +(document.body.dataset.answers || 0) + 1 });
  ribbon(a);
  gap(found.difference);
  events(found);
  issueFans(found);
  redraw();
}

function speak() { $("spoken").textContent = $("headline").textContent; }

function keys(asked) {
  const swatch = (...inside) => s("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" }, ...inside);
  const line = (kind) => s("path", { class: `line ${kind}`, d: "M0 6H26" });
  const kinds = [swatch(s("rect", { class: "wide a", width: 26, height: 12 }), line("a")),
    swatch(...[1, 11].map((y) => s("path", { class: "edge", d: `M0 ${y}H26` })), line("b"))];
  const texts = asked.map((side, place) => node("span", {}, kinds[place], nameOf(side)));
  if (story) texts.push(node("span", {}, swatch(line("run")), `run ${story.run}`));
  const bands = asked.length > 1 ? "outer: 9 runs in 10" : "bands: half the runs, 9 runs in 10";
  fill($("key"), ...texts, node("span", { class: "soft" }, `line: median; ${bands}`));
}

const widthOf = (where) => Math.max(260, Math.round(where.clientWidth || 600));

// A plot: scales, grid, dates below.
function plot(where, height, low, high, ticks) {
  const width = widthOf(where), dates = seen.dates, last = Math.max(1, dates.length - 1);
  const x = (row) => 34 + (row / last) * (width - 44);
  const y = (value) => 8 + ((high - value) / (high - low)) * (height - 32);
  const root = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, xmlns: SVG });
  for (const tick of ticks) {
    const kind = tick === 0 && low < 0 ? "zero" : "grid";
    root.append(s("line", { class: kind, x1: 34, x2: width - 10, y1: y(tick), y2: y(tick) }));
    root.append(s("text", { x: 30, y: y(tick) + 4, "text-anchor": "end" }, String(tick).replace("-", "−")));
  }
  const count = width > 560 ? 4 : width > 330 ? 2 : 1;
  for (let k = 0; k <= count; k += 1) {
    const row = Math.round((k / count) * last), anchor = k === 0 ? "start" : k === count ? "end" : "middle";
    const text = dates[row].slice(0, width > 330 ? 10 : 7);
    root.append(s("text", { x: x(row), y: height - 6, "text-anchor": anchor }, text));
  }
  return { root, x, y, width, height, last };
}
const point = (p, row, value) => `${p.x(row).toFixed(1)} ${p.y(value).toFixed(1)}`;
const path = (p, values) => `M${values.map((value, row) => point(p, row, value)).join("L")}`;
const area = (p, low, high) => {
  const back = low.map((value, row) => point(p, row, value)).reverse();
  return `${path(p, high)}L${back.join("L")}Z`;
};

function show(where, p, label, head, rows) {
  p.root.setAttribute("role", "img");
  p.root.setAttribute("aria-label", label);
  const was = where.querySelector("details");
  const details = was || node("details", {}, node("summary", {}, "As a table"));
  const table = () => {
    details.querySelector("div")?.remove();
    if (details.open) details.append(node("div", { class: "scroll", tabindex: 0, role: "region",
      "aria-label": `Table: ${label}` }, tabled(head, rows(), label)));
  };
  details.ontoggle = table;
  table();
  if (was) where.drawn.replaceWith(p.root);
  else where.append(p.root, details);
  where.drawn = p.root;
}

function tabled(head, rows, caption = "") {
  return node("table", {}, caption ? node("caption", { class: "hidden" }, caption) : null,
    node("thead", {}, node("tr", {}, ...head.map((text) => node("th", { scope: "col" }, text)))),
    node("tbody", {}, ...rows.map((row) =>
      node("tr", {}, ...row.map((text, place) => place ? node("td", {}, text) : node("th", { scope: "row" }, text))))));
}

function fan() {
  const p = plot($("fan"), 300, 0, 100, [0, 25, 50, 75, 100]), [a, b] = seen.sides;
  [a, b].forEach((one, place) => {
    if (!one) return;
    if (place) for (const q of ["q05", "q95"]) p.root.append(s("path", { class: "edge", d: path(p, one.index[q]) }));
    else for (const [kind, low, high] of [["wide a", "q05", "q95"], ["narrow a", "q25", "q75"]])
      p.root.append(s("path", { class: kind, d: area(p, one.index[low], one.index[high]) }));
  });
  [a, b].forEach((one, place) => one
    && p.root.append(s("path", { class: `line ${"ab"[place]}`, d: path(p, one.index.median) })));
  if (story) p.root.append(s("path", { class: "line run", d: path(p, story.index) }));
  p.root.append(s("line", { class: "cursor", id: "cursor", y1: 8, y2: p.height - 24 }));
  marks(p);
  const names = ["Date", ...seen.asked.flatMap((side) =>
    ["5 %", "25 %", "median", "75 %", "95 %"].map((text) => (b ? `${nameOf(side)}: ${text}` : text)))];
  show($("fan"), p, $("headline").textContent, names,
    () => seen.dates.map((date, row) =>
      [date, ...seen.sides.flatMap((one) => ["q05", "q25", "median", "q75", "q95"].map((q) =>
        one.index[q][row].toFixed(1)))]));
  const at = (event) => {
    const box = p.root.getBoundingClientRect();
    return Math.max(0, Math.min(p.last,
      Math.round((((event.clientX - box.left) * p.width / box.width - 34) / (p.width - 44)) * p.last)));
  };
  p.root.addEventListener("pointermove", (event) => {
    if (fan.dragged !== undefined) fan.to = at(event);
    $("date").value = at(event);
    explain();
  });
  p.root.addEventListener("pointerup", () => {
    const [place, to] = [fan.dragged, fan.to];
    fan.dragged = fan.to = undefined;
    if (!state.a.moves[place] || to === undefined || seen.dates[to] > describing().end) return;
    change((now) => { now.a.moves[place][0] = seen.dates[to]; });
  });
  fan.p = p;
}

// Moves on the timeline: triangles below the fan; those that were placed here can be dragged, or dated in the list.
function marks(p) {
  const side = seen.asked[0], it = describing(side);
  const row = (date) => Math.max(0, it.dates.findLastIndex((one) => one <= date));
  const mark = (date, kind, text) =>
    s("path", { class: kind, d: `M${p.x(row(date)) - 6} ${p.height - 24}h12l-6 -11z` }, s("title", {}, text));
  for (const [date, actor, does] of it.schedule)
    p.root.append(mark(date, "mark", `${date}: ${it.actors[actor]} ${does}`));
  side.moves.forEach((move, place) => {
    const one = mark(move[0], "mark own", `${move[0]}: ${moveWords(it, move)}`);
    one.addEventListener("pointerdown", (event) => {
      if (state.a.moves[place]?.join() === move.join()) fan.dragged = place;
      event.preventDefault();
    });
    p.root.append(one);
  });
}

function ribbon(a) {
  const p = plot($("ribbon"), 120, 0, 100, [0, 50, 100]),
    regimes = describing(seen.asked[0]).regimes.map(([name]) => name);
  let below = seen.dates.map(() => 0);
  for (const name of regimes) {
    const above = below.map((value, row) => value + 100 * a.regimes[name][row]);
    p.root.append(s("path", { class: name, d: area(p, below, above) }, s("title", {}, name)));
    below = above;
  }
  const last = seen.dates.length - 1;
  const label = `Regimes at the end: ${regimes.map((name) => `${name} ${percent(a.regimes[name][last])}`).join(", ")}`;
  show($("ribbon"), p, label, ["Date", ...regimes],
    () => seen.dates.map((date, row) => [date, ...regimes.map((name) => percent(a.regimes[name][row]))]));
  const key = regimes.map((name) =>
    node("span", {}, s("svg", { viewBox: "0 0 26 12", "aria-hidden": "true" },
      s("rect", { class: name, width: 26, height: 12 })), `${name} ${percent(a.regimes[name][last])} at the end`));
  $("ribbon").querySelector(".key")?.remove();
  $("ribbon").prepend(node("p", { class: "key" }, ...key));
}

function gap(found) {
  $("apart").hidden = !found;
  if (!found) return;
  const ends = [...found.low, ...found.high].filter((one) => one !== null), most = Math.max(5, ...ends.map(Math.abs)),
    high = Math.ceil(most / 5) * 5;
  const p = plot($("gap"), 160, -high, high, [-high, 0, high]), endless = (value, sign) => value ?? sign * high;
  p.root.append(s("path", { class: "wide a", d: area(p, found.low.map((v) => endless(v, -1)),
    found.high.map((v) => endless(v, 1))) }));
  p.root.append(s("path", { class: "line a", d: path(p, found.mean) }));
  const [mean, low, high95] = found.end, [one, other] = seen.asked.map(nameOf);
  const sure = low === null ? "too few runs to say how sure"
    : `95 % interval of the mean ${signed(low)} to ${signed(high95)}`;
  const above = `it is above it in ${percent(found.above)} of the runs`;
  $("apart-words").textContent = `At the end ${one} is ${signed(mean)} points from ${other} (${sure}); ${above}.`;
  const text = (value) => (value === null ? "not known" : signed(value));
  show($("gap"), p, $("apart-words").textContent, ["Date", "mean", "low", "high"],
    () => seen.dates.map((date, row) => [date, text(found.mean[row]), text(found.low[row]), text(found.high[row])]));
}

function events(found) {
  const [a, b] = found.sides, both = found.difference;
  const head = ["Event", b ? "here" : "ever", ...(b ? ["other", "difference"] : []), "first, median", "months in it"];
  const ever = (one) => percent(one.probability, one.standard_error).replace(" %", "\u00a0%");
  const rows = Object.entries(a.events).map(([name, one]) => {
    const paired = both && both.events[name];
    const there = b && b.events[name] ? ever(b.events[name]) : "—";
    const points = (share) => (100 * share).toFixed(1);
    const apart = paired ? `${signed(100 * paired.difference)} ±${points(paired.standard_error)}` : "—";
    const more = b ? [there, apart] : [];
    return [name, ever(one), ...more, one.first || "never", one.months.toFixed(1)];
  });
  const made = tabled(head, rows);
  fill($("events"), ...made.childNodes);
}

function issueFans(found) {
  const it = describing(seen.asked[0]);
  for (const name of Object.keys(found.sides[0].issues)) {
    const id = `issue-${name}`;
    if (!$(id)) $("issues").append(node("figure", { id }));
    const title = it.issues[name] || name, last = seen.dates.length - 1, p = plot($(id), 130, 0, 100, [0, 50, 100]);
    found.sides.forEach((one, place) => {
      const issue = one.issues[name];
      if (!issue) return;
      if (!place) p.root.append(s("path", { class: "wide a", d: area(p, issue.q05, issue.q95) }));
      p.root.append(s("path", { class: `line ${"ab"[place]}`, d: path(p, issue.median) }));
    });
    const ends = found.sides.map((one) => (one.issues[name] ? one.issues[name].median[last].toFixed(0) : "—"));
    const label = `${title}: median ${ends.join(" and ")} at the end`;
    show($(id), p, label, ["Date", "5 %", "median", "95 %"],
      () => seen.dates.map((date, row) =>
        [date, ...["q05", "median", "q95"].map((q) => found.sides[0].issues[name][q][row].toFixed(1))]));
    $(id).querySelector("figcaption")?.remove();
    $(id).prepend(node("figcaption", {}, label));
  }
  for (const one of [...$("issues").children]) if (!(one.id.slice(6) in found.sides[0].issues)) one.remove();
}

// The ledger of a date in words

async function explain() {
  if (!seen) return;
  const row = Math.min(+$("date").value, seen.dates.length - 1);
  $("date-out").textContent = seen.dates[row];
  $("date").setAttribute("aria-valuetext", seen.dates[row]);
  const cursor = $("cursor");
  if (cursor) { cursor.setAttribute("x1", fan.p.x(row)); cursor.setAttribute("x2", fan.p.x(row)); }
  const mark = `${row} ${JSON.stringify(seen.asked)}`;
  if (explain.mark === mark) return;
  explain.mark = mark;
  clearTimeout(explain.later);
  explain.later = setTimeout(async () => {
    try {
      const found = await ask("why", { sides: seen.asked, row });
      if (explain.mark === mark) fill($("why"),
        ...found.sides.map((one, place) => ledger(one, found.sides.length > 1 ? nameOf(seen.asked[place]) : "")));
    } catch (problem) {
      if (explain.mark !== mark) return;
      explain.mark = "";
      fill($("why"), node("p", {}, problem.message));
    }
  }, held ? 0 : 150);
}

function ledger(one, name) {
  const named = (what) => (what === "moves before the start" ? "what came before the start and fades" : what);
  const movers = one.movers.map((each) => `${each.who}, ${named(each.what)} ${signed(each.points)}`);
  const of = `${name ? ` of ${name}` : ""} has gone ${signed(one.change)} points since the start`;
  const from = `By ${one.date} the mean index${of}, to ${one.index.toFixed(1)} (mean of ${one.runs} runs).`;
  return node("p", {}, from, movers.length ? ` What moved it most: ${movers.join("; ")}; all else ${signed(one.rest)}.`
    : "");
}

function retell() {
  const mark = JSON.stringify([state.a, state.run]);
  if (tell.mark === mark) return;
  tell.mark = mark;
  story = null;
  clearTimeout(tell.later);
  $("unpick").disabled = state.run === null;
  fill($("told"), state.run === null ? null : node("p", { class: "soft" }, `Run ${state.run} is being read …`));
  if (state.run !== null) tell.later = setTimeout(() => tell(mark), held ? 0 : 500);
  else if (seen) redraw();
}

function redraw() {
  keys(seen.asked);
  fan();
  explain();
}

async function tell(mark) {
  try {
    const found = await ask("run", { sides: [state.a], run: state.run });
    if (tell.mark !== mark) return;
    story = found;
    const days = [];
    for (const [day, text] of found.told) {
      if (days.length && days[days.length - 1][0] === day) days[days.length - 1][1].push(text);
      else days.push([day, [text]]);
    }
    fill($("told"), node("p", {}, found.lead),
      node("dl", {}, ...days.flatMap(([day, texts]) => [node("dt", {}, day),
        ...texts.map((text) => node("dd", {}, text))])));
    if (seen) redraw();
  } catch (problem) {
    fill($("told"), node("p", {}, problem.message));
  }
}

// Files

function download(name, parts, type) {
  const link = node("a", { href: URL.createObjectURL(new Blob(parts, { type })), download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}

const fileName = (end) => `${state.a.scenario.replace(/[^\w-]+/g, "-")}${end}`;

const DRAWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family"];

function picture() {
  const from = $("fan").querySelector("svg"), made = from.cloneNode(true);
  const pairs = [from, ...from.querySelectorAll("*")].map((one, place) =>
    [one, [made, ...made.querySelectorAll("*")][place]]);
  for (const [one, to] of pairs) {
    const style = getComputedStyle(one);
    for (const name of DRAWN) to.setAttribute(name, style.getPropertyValue(name));
    to.removeAttribute("class");
  }
  made.querySelector("#cursor")?.remove();
  const [, , width, height] = made.getAttribute("viewBox").split(" ").map(Number),
    ink = getComputedStyle(document.body);
  const drawn = [...seen.asked.map((side, place) => [`.line.${"ab"[place]}`, nameOf(side)]),
    ...(story ? [[".line.run", `run ${story.run}`]] : [])];
  const lines = [["", $("headline").textContent], ...drawn, ["", `Cooperation index, 0 (rupture) to 100 (alliance); ${
    $("key").lastChild.textContent}; seed ${held ? held.seed : 0}`]];
  const above = 18 * lines.length + 10;
  made.setAttribute("viewBox", `0 ${-above} ${width} ${height + above}`);
  made.setAttribute("height", height + above);
  made.prepend(s("rect", { y: -above, width, height: height + above, fill: ink.backgroundColor }),
    ...lines.flatMap(([line, text], place) => {
      const y = 20 - above + 18 * place, style = line ? getComputedStyle(from.querySelector(line)) : null;
      const key = style ? [s("path", { d: `M6 ${y - 4}h26`, stroke: style.stroke, "stroke-width": style.strokeWidth,
        "stroke-dasharray": style.strokeDasharray })] : [];
      return [...key, s("text", { x: style ? 40 : 6, y, fill: ink.color, "font-size": place ? 12 : 14,
        "font-family": "sans-serif" }, text)];
    }));
  return { text: new XMLSerializer().serializeToString(made), width, height: height + above };
}

function asPng() {
  const { text, width, height } = picture(), image = new Image(),
    url = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  image.onload = () => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 2 * width, height: 2 * height });
    canvas.getContext("2d").drawImage(image, 0, 0, 2 * width, 2 * height);
    canvas.toBlob((blob) => download(fileName(".png"), [blob], "image/png"));
    URL.revokeObjectURL(url);
  };
  image.src = url;
}

function asCsv() {
  const quote = (text) => (/[",\n]/.test(text) ? `"${String(text).replaceAll('"', '""')}"` : text);
  const rows = [["outlook", "quantity", "statistic", "date", "value"]];
  const add = (side, quantity, table) => {
    for (const [statistic, values] of Object.entries(table))
      values.forEach((value, row) => rows.push([side, quantity, statistic, seen.dates[row], value ?? ""]));
  };
  seen.sides.forEach((one, place) => {
    const side = nameOf(seen.asked[place]);
    add(side, "index", one.index);
    for (const [name, table] of Object.entries(one.issues)) add(side, `issue ${name}`, table);
    add(side, "share of runs in regime", one.regimes);
    for (const [name, event] of Object.entries(one.events))
      for (const kind of ["probability", "standard_error"]) rows.push([side, `event ${name}`, kind, "", event[kind]]);
  });
  if (seen.difference) { const { mean, low, high } = seen.difference; add("difference", "index", { mean, low, high }); }
  download(fileName(".csv"), [rows.map((row) => row.map(quote).join(",")).join("\n"), "\n"], "text/csv");
}

async function save() {
  try {
    download(fileName(".yaml"), [(await ask("save", { sides: [state.a] })).text], "text/yaml");
    say("Saved: a scenario file that runs by itself.");
  } catch (problem) {
    say(problem.message, true);
  }
}

async function bring() {
  const [file] = $("file").files;
  $("file").value = "";
  if (!file) return;
  if (file.size > 1e6) { say("A scenario file on the page has at most 1,000,000 bytes.", true); return; }
  try {
    const { scenario } = await ask("load", { text: await file.text() });
    if (!names.includes(scenario)) names.push(scenario);
    change((to) => { to.a = bare(scenario); to.b = null; to.run = null; });
    say(`Loaded ${file.name}.`);
  } catch (problem) { say(problem.message, true); }
}

// Beginning

let names = [];

function listen() {
  $("scenario").addEventListener("change", () => change((to) => {
    const was = to.a.scenario;
    to.a = bare($("scenario").value);
    to.run = null;
    const [here, there] = [to.a, to.b].map((side) => side && spans[side.scenario]);
    const isApart = here && there && String(here) !== String(there);
    if (to.b && (isApart || [was, to.a.scenario].includes(to.b.scenario))) to.b = null;
  }));
  $("outlook").addEventListener("change", () => change((to) => {
    to.a = bare(to.a.scenario, $("outlook").value || null);
  }));
  $("compare").addEventListener("change", () => change((to) => { to.b = compared(); }));
  $("undo").addEventListener("click", () => step(past, future));
  $("redo").addEventListener("click", () => step(future, past));
  $("reset").addEventListener("click", () => change((to) => {
    Object.assign(to, { a: bare(to.a.scenario, to.a.outlook), b: null, run: null });
  }));
  $("save").addEventListener("click", save);
  $("load").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", bring);
  const asSvg = () => download(fileName(".svg"), [picture().text], "image/svg+xml");
  for (const [id, act] of [["svg", asSvg], ["png", asPng], ["csv", asCsv]])
    $(id).addEventListener("click", () => {
      if (+document.body.dataset.runs) act();
      else say("Nothing is drawn yet of what is set; wait for its answer, or change what it objects to.", true);
    });
  $("date").addEventListener("input", explain);
  for (const id of ["m-actor", "m-move", "m-target"]) $(id).addEventListener("change", () => menus(describing()));
  $("place").addEventListener("submit", (event) => {
    event.preventDefault();
    const move = ["date", "actor", "target", "issue", "move"].map((name) => $(`m-${name}`).value);
    change((to) => to.a.moves.push(move));
  });
  $("pick").addEventListener("submit", (event) => {
    event.preventDefault();
    change((to) => { to.run = +$("run").value; });
  });
  $("unpick").addEventListener("click", () => change((to) => { to.run = null; }));
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("seen").focus(); });
  addEventListener("hashchange", () => {
    const found = fromAddress();
    if (found && JSON.stringify(found) !== JSON.stringify(state)) change((to) => Object.assign(to, found));
  });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input[type=number], input[type=date]")) return;
    if (event.key === "z" && !event.shiftKey) { event.preventDefault(); step(past, future); }
    if (event.key === "y" || (event.key === "Z" && event.shiftKey)) { event.preventDefault(); step(future, past); }
  });
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth === width || !seen) return;
    width = innerWidth;
    draw(seen, seen.asked);
  });
}

async function begin() {
  if (held) {
    document.documentElement.classList.add("static");
    $("run").disabled = true; // run 0 is the one that is held
  }
  for (;;) {
    try { const found = await ask("scenarios"); names = found.scenarios; first = found.first; break; } catch (problem) {
      say(problem.message, true);
      if (!problem.canBeMended) return;
      await pause(1200);
    }
  }
  state = fromAddress() || { a: bare(first), b: null, run: null };
  if (held && !names.includes(state.a.scenario)) state = { a: bare(first), b: null, run: null };
  for (const side of sides()) if (!names.includes(side.scenario)) names.push(side.scenario);
  listen();
  settle();
  if (held) return;
  spans = await ask("spans").catch(() => ({}));
  compareWith(await known(state.a));
}

begin();
