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
const latest = {}; // what is asked by `soon`
let offered = new Map(); // sides to compare with, by the value of their choice
let names = [], wanted = 0, isAsking = false, refining = null;

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
const fixed = (value, digits = 1) => value.toFixed(digits);
const percent = (share, error) => `${(100 * share).toFixed(1)} %${error ? ` ±${(100 * error).toFixed(1)}` : ""}`;
const words = (name) => name.replaceAll("_", " ");
const sides = () => (state.b ? [state.a, state.b] : [state.a]);
const bare = (scenario, outlook = null) => ({ scenario, outlook, values: {}, moves: [], mechanisms: {} });
const fresh = (scenario, outlook = null) => ({ a: bare(scenario, outlook), b: null, run: null });
const keyOf = (side) => `${side.scenario}\n${side.outlook || ""}`;
const describing = (side = state.a) => about[keyOf(side)];
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function say(text, isBad = false) {
  if ($("status").textContent !== text) $("status").textContent = text;
  $("status").classList.toggle("bad", isBad);
}

function complain(problem) {
  if (!(problem instanceof Told)) throw problem;
  say(problem.message, true);
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
  refining?.abort();
  if (isAsking) return;
  isAsking = true;
  let mine, isDrawn;
  do {
    mine = wanted;
    isDrawn = await tried(FIRST, mine);
  } while (mine !== wanted);
  isAsking = false;
  if (!isDrawn || held) return;
  refining = new AbortController();
  await tried(FULL, mine, refining.signal);
}

async function tried(runs, mine, signal = undefined) {
  const asked = copy(sides());
  const found = await lasting(async () => {
    for (const side of asked) await known(side);
    return ask("answer", { sides: asked, runs }, signal);
  }, () => mine === wanted);
  if (!found || (signal && mine !== wanted)) return false;
  draw(found, asked);
  say(held || runs === FULL ? "" : `From the first ${FIRST} runs; the other ${FULL - FIRST} are on their way.`);
  if (runs === FULL || held) $("spoken").textContent = $("headline").textContent;
  return true;
}

// The answer, asked for again while the server does not answer or has too much to do; null where there is none.
async function lasting(act, isWanted = () => true) {
  for (;;) {
    try { return await act(); } catch (problem) {
      if (problem.name === "AbortError") return null;
      complain(problem);
      if (!problem.canBeMended) {
        $("headline").textContent = "…";
        return null;
      }
      await pause(1200);
      if (!isWanted()) return null;
    }
  }
}

// Asks once nothing else has been for a moment; tells the answer unless something else is asked by then.
function soon(what, body, delay, where, tell) {
  const mine = { mark: JSON.stringify(body) };
  if (latest[what]?.mark === mine.mark) return false;
  latest[what] = mine;
  pause(held ? 0 : delay).then(async () => {
    if (latest[what] !== mine) return;
    try {
      const found = await ask(what, body);
      if (latest[what] === mine) tell(found);
    } catch (problem) {
      if (latest[what] !== mine) return;
      delete latest[what];
      fill(where, node("p", {}, problem.message));
    }
  });
  return true;
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
  if (withControls) controls().catch(complain);
  refresh();
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
  $("title").textContent = document.title = it.title;
  $("span").textContent = `${it.start} to ${it.end}, by the ${it.step}; seed ${held ? held.seed : 0}`;
  options($("scenario"), names.map((name) => [name, name]), state.a.scenario);
  options($("outlook"), [["", "as written"], ...it.outlooks], state.a.outlook || "");
  $("outlook-choice").hidden = !it.outlooks.length;
  compareWith(it);
  const groups = Object.keys(it.actors).map((actor) => {
    const mine = it.controls.filter((one) => one.actor === actor);
    const open = $(`of-${actor}`) ? $(`of-${actor}`).open : it.principals[0] === actor && innerWidth > 820;
    const parts = mine.flatMap((one, place) => [
      one.kind === mine[place - 1]?.kind ? null : node("h3", {}, `${one.kind} `, node("small", {}, one.about)),
      slider(one, it)]);
    return mine.length ? node("details", { id: `of-${actor}`, open }, node("summary", {}, it.actors[actor]), ...parts)
      : null;
  });
  const focused = document.activeElement?.id;
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

function slider(one, it) {
  const value = state.a.values[one.path] ?? one.value, name = it.issues[one.key] || it.actors[one.key] || one.key;
  const id = `c-${one.path}`, shown = node("output", { for: id }, fixed(value, 2));
  const notes = [one.uncertain ? "uncertain, its mean" : "", one.until ? `until ${one.until}` : ""].filter(Boolean);
  const label = `${one.key ? name : "all issues"}${notes.length ? ` (${notes.join("; ")})` : ""}`;
  let isMoving = false;
  const input = node("input", { type: "range", id, min: one.low, max: one.high, step: 0.01, value,
    "aria-label": `${it.actors[one.actor]}: ${one.kind}${one.key ? `, ${name}` : ""}`,
    oninput: () => {
      if (!isMoving) past.push(JSON.stringify(state));
      isMoving = true;
      future = [];
      state.a.values[one.path] = +input.value;
      shown.textContent = fixed(+input.value, 2);
      box.classList.add("changed");
      settle(false);
    },
    onchange: () => { isMoving = false; } });
  const box = node("div", { class: `control${one.path in state.a.values ? " changed" : ""}` },
    node("label", { for: id }, label), input, shown);
  return box;
}

function toggle(one) {
  const id = `s-${one.name}`;
  const box = node("input", { type: "checkbox", id, checked: state.a.mechanisms[one.name] ?? one.on,
    onchange: () => change(({ a }) => {
      if (box.checked === one.on) delete a.mechanisms[one.name];
      else a.mechanisms[one.name] = box.checked;
    }) });
  return node("div", { class: "switch" }, box, node("label", { for: id }, `${words(one.name)}: ${one.about}`));
}

// A choice that stays as it is where it still can; gives its value.
function keep(id, pairs, usual = "") {
  const isThere = (value) => pairs.some(([key]) => key === value);
  options($(id), pairs, [$(id).value, usual].find(isThere) ?? pairs[0][0]);
  return $(id).value;
}

function menus(it) {
  const able = Object.keys(it.moves).filter((name) => it.moves[name].length);
  if (!able.length) return;
  const actor = keep("m-actor", able.map((name) => [name, it.actors[name]]), it.principals[0]), moves = it.moves[actor];
  const chosen = keep("m-move", moves.map((one) => [one.name, `${signed(one.score)}  ${one.words}`]));
  const { ways } = moves.find((one) => one.name === chosen);
  const targets = [...new Set(ways.map(([target]) => target))];
  const usual = it.principals.find((name) => name !== actor && targets.includes(name));
  const target = keep("m-target", targets.map((name) => [name, it.actors[name]]), usual);
  keep("m-issue", ways.filter(([name]) => name === target).map(([, issue]) => [issue, it.issues[issue]]));
  Object.assign($("m-date"), { min: it.start, max: it.end });
  if (!$("m-date").validity.valid) $("m-date").value = it.dates[Math.floor(it.dates.length / 4)];
}

const moveWords = (it, [, actor, target, issue, move]) =>
  `${it.actors[actor]}: ${words(move)}, towards ${it.actors[target]} on ${(it.issues[issue] || issue).toLowerCase()}`;

function placed(it) {
  const own = state.a.moves.map((move, place) => {
    const said = moveWords(it, move);
    const day = node("input", { type: "date", id: `d-${place}`, min: it.start, max: it.end, value: move[0],
      "aria-label": `Date of ${said}`,
      onchange: () => { if (day.value) change(({ a }) => { a.moves[place][0] = day.value; }); } });
    const away = node("button", { type: "button", "aria-label": `Remove ${said}`,
      onclick: () => { change(({ a }) => a.moves.splice(place, 1)); $("m-actor").focus(); } }, "Remove");
    return node("li", {}, `${said} `, day, " ", away);
  });
  const given = it.schedule.map(([date, actor, does]) =>
    node("li", { class: "soft" }, `${date}: ${it.actors[actor]} ${does} (in the scenario)`));
  fill($("placed"), ...own, ...given);
}

// Whether a scenario has the dates of what is set, as far as they are known.
const fits = (name, it) => (held ? `${state.a.scenario}\n${name}` in held.difference
  : !spans[name] || String(spans[name]) === String([it.start, it.dates.at(-1), it.step]));

function compareWith(it) {
  const { scenario, outlook } = state.a;
  const own = it.outlooks.filter(([name]) => name !== outlook);
  const others = names.filter((name) => name !== scenario && (fits(name, it) || name === state.b?.scenario));
  const choices = [["", "nothing", null],
    ...(held ? [] : [["written", "the scenario as written", bare(scenario)], ["now", "what is set now, held"]]),
    ...own.map(([name, title]) => [`o:${name}`, `outlook ${title}`, bare(scenario, name)]),
    ...others.map((name) => [`s:${name}`, name, bare(name)])];
  offered = new Map(choices.map(([key, , side]) => [key, side]));
  const is = choices.find(([, , side]) => JSON.stringify(side) === JSON.stringify(state.b));
  options($("compare"), choices, is ? is[0] : "now");
}

// Drawing

const nameOf = (side) => {
  const it = about[keyOf(side)], outlook = it?.outlooks.find(([name]) => name === side.outlook);
  const set = Object.keys(side.values).length + side.moves.length + Object.keys(side.mechanisms).length;
  return [held || !it ? side.scenario : it.title, outlook ? outlook[1] : side.outlook,
    set ? `with ${set} change${set > 1 ? "s" : ""}` : ""].filter(Boolean).join(", ");
};

function draw(found, asked) {
  seen = { ...found, asked, dates: describing(asked[0]).dates };
  const [a, b] = found.sides;
  const level = (one) => one.index.median.at(-1).toFixed(1);
  const range = `9 runs in 10: ${a.index.q05.at(-1).toFixed(0)} to ${a.index.q95.at(-1).toFixed(0)}`;
  const runs = a.runs.toLocaleString("en");
  const also = found.difference && b ? `; the other ends at ${level(b)}` : "";
  $("headline").textContent = `The index ends at ${level(a)} (${range}), from ${runs} runs${also}`;
  Object.assign(document.body.dataset, { runs: a.runs, end: a.index.median.at(-1),
    answers: +(document.body.dataset.answers || 0) + 1 });
  ribbon(a);
  gap(found.difference);
  events(found);
  issues(found);
  redraw();
}

function redraw() {
  const bands = seen.sides.length > 1 ? "outer: 9 runs in 10" : "bands: half the runs, 9 runs in 10";
  fill($("key"), ...seen.asked.map((side, place) => entry("ab"[place], nameOf(side))),
    story && entry("run", `run ${story.run}`), node("span", { class: "soft" }, `line: median; ${bands}`));
  fan();
  explain();
}

// An entry of a key: how an outlook, a run or a regime is drawn, and its name.
function entry(kind, text) {
  const box = (name) => s("rect", { class: name, width: 26, height: 12 });
  const line = (name, y = 6) => s("path", { class: name, d: `M0 ${y}H26` });
  const inside = { a: [box("wide a"), line("line a")], b: [line("edge", 1), line("edge", 11), line("line b")],
    run: [line("line run")] }[kind] || [box(kind)];
  const drawn = s("svg", { viewBox: "0 0 26 12", width: 26, height: 12, "aria-hidden": "true" }, ...inside);
  return node("span", {}, drawn, text);
}

// A plot: scales, grid, dates below; `line` and `band` draw in it.
function plot(where, height, low, high, ticks) {
  const width = Math.max(260, Math.round(where.clientWidth || 600));
  const dates = seen.dates, last = Math.max(1, dates.length - 1);
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
  const points = (values) => values.map((value, row) => `${x(row).toFixed(1)} ${y(value).toFixed(1)}`);
  const drawn = (kind, d, ...inside) => root.append(s("path", { class: kind, d: `M${d}` }, ...inside));
  const line = (kind, values) => drawn(kind, points(values).join("L"));
  const band = (kind, low, high, ...inside) =>
    drawn(kind, `${[...points(high), ...points(low).reverse()].join("L")}Z`, ...inside);
  return { root, x, width, height, last, line, band };
}

// Puts a plot into its figure, with its label and a table of its columns, which are pairs of name and values.
function show(where, p, label, columns, format = (value) => fixed(value), caption = null) {
  p.root.setAttribute("role", "img");
  p.root.setAttribute("aria-label", label);
  const details = where.querySelector("details") || node("details", {}, node("summary", {}, "As a table"));
  const table = () => {
    details.querySelector("div")?.remove();
    if (!details.open) return;
    const rows = seen.dates.map((date, row) => [date, ...columns.map(([, values]) => format(values[row]))]);
    details.append(node("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Table: ${label}` },
      tabled(["Date", ...columns.map(([name]) => name)], rows, label)));
  };
  details.ontoggle = table;
  table();
  if (where.drawn) where.drawn.replaceWith(p.root);
  else where.append(p.root, details);
  where.drawn = p.root;
  where.querySelector("figcaption")?.remove();
  if (caption) where.prepend(caption);
}

function tabled(head, rows, caption = "") {
  return node("table", {}, caption ? node("caption", { class: "hidden" }, caption) : null,
    node("thead", {}, node("tr", {}, ...head.map((text) => node("th", { scope: "col" }, text)))),
    node("tbody", {}, ...rows.map((row) =>
      node("tr", {}, ...row.map((text, place) => place ? node("td", {}, text) : node("th", { scope: "row" }, text))))));
}

const QUANTILES = { q05: "5 %", q25: "25 %", median: "median", q75: "75 %", q95: "95 %" };

// Draws the statistics of one or two outlooks, and gives the columns of their table.
function outlooks(p, [a, b]) {
  p.band("wide a", a.q05, a.q95);
  p.band("narrow a", a.q25, a.q75);
  if (b) for (const values of [b.q05, b.q95]) p.line("edge", values);
  p.line("line a", a.median);
  if (b) p.line("line b", b.median);
  return [a, b].filter(Boolean).flatMap((one, place) => Object.entries(QUANTILES).map(([name, text]) =>
    [b ? `${nameOf(seen.asked[place])}: ${text}` : text, one[name]]));
}

function fan() {
  const p = plot($("fan"), 300, 0, 100, [0, 25, 50, 75, 100]);
  const columns = outlooks(p, seen.sides.map((one) => one.index));
  if (story) p.line("line run", story.index);
  p.root.append(s("line", { class: "cursor", id: "cursor", y1: 8, y2: p.height - 24 }), ...marks(p));
  show($("fan"), p, $("headline").textContent, columns);
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
    change(({ a }) => { a.moves[place][0] = seen.dates[to]; });
  });
  fan.p = p;
}

// Moves on the timeline: triangles below the fan; those that were placed here can be dragged, or dated in the list.
function marks(p) {
  const side = seen.asked[0], it = describing(side);
  const row = (date) => Math.max(0, it.dates.findLastIndex((one) => one <= date));
  const mark = (kind, date, text, onpointerdown = null) => s("path", { class: kind, onpointerdown,
    d: `M${p.x(row(date)) - 6} ${p.height - 24}h12l-6 -11z` }, s("title", {}, `${date}: ${text}`));
  const drag = (move, place) => (event) => {
    if (state.a.moves[place]?.join() === move.join()) fan.dragged = place;
    event.preventDefault();
  };
  return [...it.schedule.map(([date, actor, does]) => mark("mark", date, `${it.actors[actor]} ${does}`)),
    ...side.moves.map((move, place) => mark("mark own", move[0], moveWords(it, move), drag(move, place)))];
}

function ribbon(a) {
  const p = plot($("ribbon"), 120, 0, 100, [0, 50, 100]);
  const regimes = describing(seen.asked[0]).regimes.map(([name]) => [name, a.regimes[name]]);
  let below = seen.dates.map(() => 0);
  for (const [name, shares] of regimes) {
    const above = below.map((value, row) => value + 100 * shares[row]);
    p.band(name, below, above, s("title", {}, name));
    below = above;
  }
  const ends = regimes.map(([name, shares]) => `${name} ${percent(shares.at(-1))}`);
  show($("ribbon"), p, `Regimes at the end: ${ends.join(", ")}`, regimes, (share) => percent(share),
    node("figcaption", { class: "key" }, ...regimes.map(([name], place) => entry(name, `${ends[place]} at the end`))));
}

function gap(found) {
  $("apart").hidden = !found;
  if (!found) return;
  const most = Math.max(5, ...[...found.low, ...found.high].map(Math.abs)), high = Math.ceil(most / 5) * 5;
  const p = plot($("gap"), 160, -high, high, [-high, 0, high]);
  p.band("wide a", found.low.map((value) => value ?? -high), found.high.map((value) => value ?? high));
  p.line("line a", found.mean);
  const [mean, low, high95] = found.end, [one, other] = seen.asked.map(nameOf);
  const sure = low === null ? "too few runs to say how sure"
    : `95 % interval of the mean ${signed(low)} to ${signed(high95)}`;
  const above = `it is above it in ${percent(found.above)} of the runs`;
  $("apart-words").textContent = `At the end ${one} is ${signed(mean)} points from ${other} (${sure}); ${above}.`;
  show($("gap"), p, $("apart-words").textContent, ["mean", "low", "high"].map((name) => [name, found[name]]),
    (value) => (value === null ? "not known" : signed(value)));
}

function events(found) {
  const [a, b] = found.sides;
  const head = ["Event", b ? "here" : "ever", ...(b ? ["other", "difference"] : []), "first, median", "months in it"];
  const ever = (one) => percent(one.probability, one.standard_error).replace(" %", "\u00a0%");
  const rows = Object.entries(a.events).map(([name, one]) => {
    const there = b?.events[name], apart = found.difference?.events[name];
    const more = [there ? ever(there) : "—",
      apart ? `${signed(100 * apart.difference)} ±${fixed(100 * apart.standard_error)}` : "—"];
    return [name, ever(one), ...(b ? more : []), one.median_first_date || "never", fixed(one.mean_months)];
  });
  fill($("events"), ...tabled(head, rows).childNodes);
}

function issues(found) {
  const it = describing(seen.asked[0]), names = Object.keys(found.sides[0].issues);
  for (const one of [...$("issues").children]) if (!names.includes(one.id.slice(6))) one.remove();
  // All stand in the grid before any is drawn: it gives each its width.
  for (const id of names.map((name) => `issue-${name}`)) if (!$(id)) $("issues").append(node("figure", { id }));
  for (const name of names) {
    const where = $(`issue-${name}`), p = plot(where, 130, 0, 100, [0, 50, 100]);
    const tables = found.sides.map((one) => one.issues[name]);
    const columns = outlooks(p, tables);
    const ends = tables.map((one) => (one ? one.median.at(-1).toFixed(0) : "—"));
    const label = `${it.issues[name] || name}: median ${ends.join(" and ")} at the end`;
    show(where, p, label, columns, undefined, node("figcaption", {}, label));
  }
}

// The ledger of a date in words

function explain() {
  if (!seen) return;
  const row = Math.min(+$("date").value, seen.dates.length - 1);
  $("date-out").textContent = seen.dates[row];
  $("date").setAttribute("aria-valuetext", seen.dates[row]);
  for (const end of ["x1", "x2"]) $("cursor")?.setAttribute(end, fan.p.x(row));
  soon("why", { sides: seen.asked, row }, 150, $("why"), (found) => fill($("why"),
    ...found.sides.map((one, place) => ledger(one, found.sides.length > 1 ? nameOf(seen.asked[place]) : ""))));
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
  const isRead = state.run !== null, wasDrawn = story !== null;
  if (isRead && !soon("run", { sides: [state.a], run: state.run }, 500, $("told"), tell)) return;
  if (!isRead) delete latest.run;
  story = null;
  $("unpick").disabled = !isRead;
  fill($("told"), isRead ? node("p", { class: "soft" }, `Run ${state.run} is being read …`) : null);
  if (wasDrawn && !isRead) redraw();
}

function tell(found) {
  story = found;
  const days = found.told.map(([day]) => day);
  fill($("told"), node("p", {}, found.lead), node("dl", {}, ...found.told.flatMap(([day, text], place) =>
    [day === days[place - 1] ? null : node("dt", {}, day), node("dd", {}, text)])));
  if (seen) redraw();
}

// Files

function download(end, parts, type) {
  const name = `${state.a.scenario.replace(/[^\w-]+/g, "-")}.${end}`;
  const link = node("a", { href: URL.createObjectURL(new Blob(parts, { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 5000);
}

const DRAWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "font-family"];

// A copy of something drawn that needs no style sheet.
function styled(drawn) {
  const made = drawn.cloneNode(true), all = (one) => [one, ...one.querySelectorAll("*")], to = all(made);
  all(drawn).forEach((one, place) => {
    const style = getComputedStyle(one);
    for (const name of DRAWN) to[place].setAttribute(name, style.getPropertyValue(name));
    to[place].removeAttribute("class");
  });
  return made;
}

function picture() {
  const made = styled($("fan").drawn), ink = getComputedStyle(document.body), keys = [...$("key").children];
  made.querySelector("#cursor").remove();
  const scale = `Cooperation index, 0 (rupture) to 100 (alliance); ${keys.pop().textContent}; seed ${held?.seed ?? 0}`;
  const lines = [[$("headline").textContent], ...keys.map((one) => [one.textContent, styled(one.firstChild)]), [scale]];
  const width = +made.getAttribute("width"), above = 18 * lines.length + 10;
  const height = +made.getAttribute("height") + above;
  made.setAttribute("viewBox", `0 ${-above} ${width} ${height}`);
  made.setAttribute("height", height);
  made.prepend(s("rect", { y: -above, width, height, fill: ink.backgroundColor }));
  lines.forEach(([text, key], place) => {
    const y = 20 - above + 18 * place;
    for (const [name, value] of [["x", 6], ["y", y - 10]]) key?.setAttribute(name, value);
    made.append(key || "", s("text", { x: key ? 40 : 6, y, fill: ink.color, "font-size": place ? 12 : 14,
      "font-family": "sans-serif" }, text));
  });
  return new XMLSerializer().serializeToString(made);
}

async function asPng() {
  const image = node("img", { src: `data:image/svg+xml,${encodeURIComponent(picture())}` });
  await image.decode();
  const width = 2 * image.width, height = 2 * image.height, canvas = node("canvas", { width, height });
  canvas.getContext("2d").drawImage(image, 0, 0, width, height);
  canvas.toBlob((blob) => download("png", [blob], "image/png"));
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
  const { mean, low, high } = seen.difference || {};
  if (mean) add("difference", "index", { mean, low, high });
  download("csv", [rows.map((row) => row.map(quote).join(",")).join("\n"), "\n"], "text/csv");
}

async function save() {
  download("yaml", [(await ask("save", { sides: [state.a] })).text], "text/yaml");
  say("Saved: a scenario file that runs by itself.");
}

async function bring() {
  const [file] = $("file").files;
  $("file").value = "";
  if (!file) return;
  if (file.size > 1e6) { say("A scenario file on the page has at most 1,000,000 bytes.", true); return; }
  const { scenario } = await ask("load", { text: await file.text() });
  if (!names.includes(scenario)) names.push(scenario);
  change((to) => Object.assign(to, fresh(scenario)));
  say(`Loaded ${file.name}.`);
}

// Beginning

// What is done at an event, by the identity of its element.
function on(event, acts) {
  for (const [id, act] of Object.entries(acts))
    $(id).addEventListener(event, async (one) => {
      if (event !== "change" && event !== "input") one.preventDefault();
      try { await act($(id)); } catch (problem) { complain(problem); }
    });
}

function another({ value }) {
  const was = state.a.scenario, a = bare(value);
  const [here, there] = [a, state.b].map((side) => side && spans[side.scenario]);
  const isApart = here && there && String(here) !== String(there);
  const isGone = isApart || [was, a.scenario].includes(state.b?.scenario);
  change((to) => Object.assign(to, { a, b: isGone ? null : to.b, run: null }));
}

function exported(act) {
  if (+document.body.dataset.runs) return act();
  return say("Nothing is drawn yet of what is set; wait for its answer, or change what it objects to.", true);
}

function listen() {
  const [undo, redo] = [() => step(past, future), () => step(future, past)];
  const menu = () => menus(describing());
  on("change", { scenario: another, file: bring, "m-actor": menu, "m-move": menu, "m-target": menu,
    outlook: ({ value }) => change((to) => { to.a = bare(to.a.scenario, value || null); }),
    compare: ({ value }) => change((to) => { to.b = copy(value === "now" ? to.a : offered.get(value)); }) });
  on("click", { undo, redo, save, load: () => $("file").click(), skip: () => $("seen").focus(),
    reset: () => change((to) => Object.assign(to, fresh(to.a.scenario, to.a.outlook))),
    unpick: () => change((to) => { to.run = null; }),
    svg: () => exported(() => download("svg", [picture()], "image/svg+xml")),
    png: () => exported(asPng), csv: () => exported(asCsv) });
  on("submit", { pick: () => change((to) => { to.run = +$("run").value; }),
    place: () => change(({ a }) => a.moves.push(
      ["date", "actor", "target", "issue", "move"].map((name) => $(`m-${name}`).value))) });
  on("input", { date: explain });
  addEventListener("hashchange", () => {
    const found = fromAddress();
    if (found && JSON.stringify(found) !== JSON.stringify(state)) change((to) => Object.assign(to, found));
  });
  addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.target.matches("input[type=number], input[type=date]")) return;
    const act = { z: undo, y: redo, Z: redo }[event.key];
    if (act) { event.preventDefault(); act(); }
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
  const found = await lasting(() => ask("scenarios"));
  if (!found) return;
  names = found.scenarios;
  state = fromAddress() || fresh(found.first);
  if (held && !names.includes(state.a.scenario)) state = fresh(found.first);
  for (const side of sides()) if (!names.includes(side.scenario)) names.push(side.scenario);
  listen();
  settle();
  if (held) return;
  spans = await ask("spans").catch(() => ({}));
  compareWith(await known(state.a));
}

begin();
