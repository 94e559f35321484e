// The studio's page: asks for a piece, follows it as it is made, shows and plays it, and hands it to the live band.

import { ask } from "./link.js";
import { drawRoll } from "./studio-roll.js";

const $ = (id) => document.getElementById(id);
const form = $("order");
const TONICS = ["C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B"];
const STAGES = { chords: "chords", theory: "theory", melody: "melody", band: "the band plays", midi: "MIDI", tokens: "tokens", audio: "sound" };
let job = null;
let piece = null;
let roll = null;

function options(select, values, name = (value) => value) {
  for (const value of values) select.append(new Option(name(value), typeof value === "string" ? value : value.name));
}

async function begin() {
  const known = await ask("/api/music/models/info");
  options(form.genre, known.genres, (genre) => genre.title);
  options(form.tonic, TONICS);
  options(form.mode, known.modes);
  options(form.style, known.styles, (style) => style.title);
  options(form.meter, known.meters);
  options(form.form, known.forms, (name) => name.replaceAll("_", " "));
}

/** The form as a request. */
function order() {
  const text = (name) => form[name].value.trim() || null;
  const number = (name) => (form[name].value === "" ? null : Number(form[name].value));
  const wanted = { genre: form.genre.value, key: `${form.tonic.value} ${form.mode.value}` };
  for (const name of ["style", "meter", "form", "chords"]) wanted[name] = text(name);
  for (const name of ["bars", "tempo", "seed"]) wanted[name] = number(name);
  for (const name of ["complexity", "reverb"]) wanted[name] = Number(form[name].value);
  for (const name of ["include_melody", "include_chords", "include_band", "synthesize_audio"]) wanted[name] = form[name].checked;
  return wanted;
}

async function post(path, content) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(content) });
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(told.detail), { faults: told.errors });
  return told;
}

function say(words, bad = false) {
  $("said").textContent = words;
  $("said").classList.toggle("bad", bad);
}

function complain(faults) {
  for (const { field } of faults) form[field === "key" ? "tonic" : field]?.setAttribute?.("aria-invalid", "true");
  say(faults.map(({ field, allowed }) => `${field}: must be ${allowed}`).join("\n"), true);
}

async function make() {
  for (const field of form.elements) field.removeAttribute("aria-invalid");
  working(true);
  say("…");
  try {
    job = (await post("/api/music/generate?wait=false", order())).job;
    const end = await follow(job);
    if (end.faults.length) complain(end.faults);
    else if (end.state !== "done") say(`${end.state}${end.trouble ? `: ${end.trouble}` : ""}`, end.state !== "cancelled");
    else await show(end.id);
  } catch (problem) {
    problem.faults ? complain(problem.faults) : say(problem.message, true);
  } finally {
    working(false);
  }
}

function working(yes) {
  $("make").disabled = yes;
  $("stop").hidden = $("progress").hidden = !yes;
  $("progress").value = 0;
}

/** Tells how far a job is until it is over; the job as it then stands. */
function follow({ id }) {
  return new Promise((done, failed) => {
    const events = new EventSource(`/api/music/jobs/${id}/events`);
    events.addEventListener("job", ({ data }) => {
      const news = JSON.parse(data);
      $("progress").value = news.share;
      say(news.state === "waiting" ? "others are being made first" : (STAGES[news.stage] ?? ""));
      if (["waiting", "running"].includes(news.state)) return;
      events.close();
      done(news);
    });
    events.onerror = () => (events.close(), failed(new Error("the studio does not answer")));
  });
}

async function show(id) {
  [piece, roll] = await Promise.all([ask(`/api/music/jobs/${id}`), ask(`/api/music/jobs/${id}/roll`)]);
  say("");
  $("piece").hidden = false;
  $("title").textContent = `${piece.title} · ${piece.bars} bars of ${piece.meter} at ${piece.tempo} · ${piece.style}`;
  chart();
  drawRoll($("notes"), roll);
  for (const [link, kind] of [["midi", "midi"], ["audio", "audio"]]) {
    $(link).hidden = !piece.downloads[kind];
    if (piece.downloads[kind]) $(link).href = piece.downloads[kind];
  }
  $("sound").hidden = !piece.downloads.audio;
  if (piece.downloads.audio) $("sound").src = piece.downloads.audio;
  const sung = piece.melody?.range ? `melody ${piece.melody.range.join(" to ")} · ` : "";
  $("facts").textContent = `${sung}seed ${piece.seed} · made in ${piece.seconds.total.toFixed(2)} s${piece.notes.map((note) => `\n${note}`).join("")}`;
  $("theory").textContent = piece.theory.explanation.text;
}

function chart() {
  const sections = new Map(piece.sections.map((section) => [section.first_bar, section.name]));
  const cells = [];
  for (let bar = 1; bar <= piece.bars; bar++) {
    if (sections.has(bar)) cells.push(Object.assign(document.createElement("h3"), { textContent: sections.get(bar) }));
    const cell = document.createElement("div");
    cell.dataset.bar = bar;
    for (const row of piece.chords.filter((row) => row.bar === bar)) {
      const chord = document.createElement("span");
      chord.append(Object.assign(document.createElement("b"), { textContent: row.symbol }));
      chord.append(Object.assign(document.createElement("small"), { textContent: row.roman }));
      cell.append(chord);
    }
    cells.push(cell);
  }
  $("chart").replaceChildren(...cells);
}

/** The line that runs with the sound. The last bars may slow down, which this does not know: it is a guide. */
function tick() {
  requestAnimationFrame(tick);
  if (!piece || $("sound").hidden) return;
  const beats = ($("sound").currentTime * piece.tempo * beatsAQuarter()) / 60;
  const share = Math.min(1, beats / (roll.bars * roll.beats_per_bar));
  $("head").style.transform = `translateX(${share * $("notes").clientWidth}px)`;
  const bar = Math.floor(beats / roll.beats_per_bar) + 1;
  for (const cell of $("chart").querySelectorAll("div")) {
    cell.classList.toggle("on", !$("sound").paused && Number(cell.dataset.bar) === bar);
  }
}

function beatsAQuarter() {
  const [count, unit] = piece.meter.split("/").map(Number);
  return roll.beats_per_bar / ((count * 4) / unit);
}

/** The piece becomes the chart that the band follows, in its style and at its tempo. */
async function open() {
  const put = async (path, value) => {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch(`/api/live/parameters/${path}`, { method: "PUT", headers, body: JSON.stringify({ value }) });
    if (!answer.ok) throw new Error((await answer.json()).detail);
  };
  try {
    const live = (await ask("/api/live/styles")).styles.map((style) => style.name);
    if (live.includes(piece.style)) await put("style", piece.style);
    await put("transport/tempo", piece.tempo);
    await post("/api/live/actions/chart", { arguments: [piece.chart] });
    say("It is on the stand: play, and the band follows it.");
    location.href = "/";
  } catch (problem) {
    say(problem.message, true);
  }
}

form.addEventListener("submit", (event) => (event.preventDefault(), make()));
form.addEventListener("input", ({ target }) => {
  if (target.type === "range") target.nextElementSibling.value = target.value;
});
$("stop").addEventListener("click", () => job && fetch(`/api/music/jobs/${job.id}`, { method: "DELETE" }));
$("again").addEventListener("click", () => ((form.seed.value = ""), make()));
$("live").addEventListener("click", open);
addEventListener("resize", () => roll && drawRoll($("notes"), roll));
begin().catch((problem) => say(problem.message, true));
tick();
