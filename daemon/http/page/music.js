// What the page shows of the music: where it is, what is heard and foreseen, its form, and how the engine does.

import { changes } from "./sources.js";

const LATER = 5;
const SECTIONS = 12;
const $ = (id) => document.getElementById(id);

/** Writes text only where it is another: the browser then has nothing to do. */
export function text(id, words) {
  if ($(id).textContent !== String(words)) $(id).textContent = words;
}

export function showMusic(state) {
  text("bar", state.playing ? state.bar : "–");
  text("beat", state.playing ? `beat ${state.beat}` : "stopped");
  const beats = state.beats_per_bar ?? 4;
  if ($("beats").childElementCount !== beats) {
    $("beats").replaceChildren(...Array.from({ length: beats }, () => document.createElement("i")));
  }
  [...$("beats").children].forEach((dot, i) => dot.classList.toggle("on", state.playing && i === state.beat - 1));
  text("tempo", Math.round(state.tempo_bpm * 10) / 10);
  text("key", state.key || "–");
  text("section", state.section || "–");
  text("chord", !state.chord || state.chord === "N" ? "–" : state.chord);
  $("confidence").value = state.chord_confidence ?? 0;
  $("energy-now").value = state.energy ?? 0;
  for (const id of ["play", "play-too"]) {
    $(id).setAttribute("aria-pressed", String(state.playing));
    text(id, state.playing ? "Stop" : "Start");
  }
  showPlan(state);
  showForm(state);
  showClock(state);
}

function showPlan(state) {
  const plan = state.playing ? (state.plan ?? []) : [];
  const ahead = changes(plan.filter((beat) => beat.number > state.beat_number && beat.chord !== "N"));
  const now = plan.find((beat) => beat.number === state.beat_number)?.chord ?? state.chord;
  const first = ahead.findIndex(([chord]) => chord !== now);
  const next = first < 0 ? null : ahead[first];
  text("next", next ? next[0] : plan.length && now !== "N" ? now : "–");
  const away = next ? next[1] - state.beat_number : 0;
  const likely = next ? `${Math.round(100 * next[3])} %` : "";
  text("next-when", next ? `in ${away} beat${away > 1 ? "s" : ""} · ${likely}${next[4] ? " · sure" : ""}` : "next");
  $("next").parentElement.classList.toggle("tentative", !next?.[4]);
  $("probability").value = next ? next[3] : 0;
  const later = (next ? ahead.slice(first + 1) : []).filter((change, i, all) => change[0] !== (all[i - 1]?.[0] ?? next[0]));
  list("later", later.slice(0, LATER).map(([chord, , beats]) => ({ words: chord, more: ` ${beats}` })));
}

/** The sections so far, the present one last, with the bar in it. */
function showForm(state) {
  text("song", state.song ? `form · ${state.song.replaceAll("_", " ")}` : "form");
  const sections = (state.sections ?? []).slice(-SECTIONS);
  const rows = sections.map(({ section, bar, returns }, i) => {
    const isNow = i === sections.length - 1;
    const bars = isNow ? state.bar - bar + 1 : sections[i + 1].bar - bar;
    return { words: section, more: ` ${bars}`, kind: `${isNow ? "now" : ""} ${returns ? "returns" : ""}` };
  });
  if (rows.length === 0) rows.push({ words: "sections appear as they are recognised", kind: "empty" });
  list("form", rows);
}

function list(id, rows) {
  const key = JSON.stringify(rows);
  if ($(id).dataset.rows === key) return;
  $(id).dataset.rows = key;
  $(id).replaceChildren(
    ...rows.map(({ words, more, kind }) => {
      const item = document.createElement("li");
      if (kind) item.className = kind;
      item.append(words);
      if (more) item.append(Object.assign(document.createElement("small"), { textContent: more }));
      return item;
    }),
  );
}

function showClock({ parameters, clock }) {
  const source = parameters["transport/source"] ?? "internal";
  const how = source === "internal" ? "" : (clock?.state ?? "none");
  const sure = source === "follow" && clock?.state === "locked" ? ` ${Math.round(100 * clock.confidence)} %` : "";
  text("clock", how ? `${source} ${how}${sure}` : source);
  $("clock").className = `badge ${how}`;
}

/** How the engine does; `trip` is a message's way to the band and back, ms. */
export function showSound(sound, trip) {
  const isLost = sound && (sound.trouble || sound.state === "lost");
  const load = Math.round(sound?.load_p99 ?? 0);
  text("load", !sound ? "off" : isLost ? "lost" : `${load} %`);
  $("load-now").value = load;
  const block = sound?.rate ? (1000 * sound.frames) / sound.rate : 0;
  text("latency", `${block ? `${block.toFixed(1)} ms` : "–"} · page ${Number.isFinite(trip) ? Math.round(trip) : "–"} ms`);
  text("xruns", sound?.xruns ?? "–");
  $("xruns").classList.toggle("bad", (sound?.xruns ?? 0) > 0);
  $("load").classList.toggle("bad", Boolean(isLost));
  showPeaks(sound?.peaks);
}

function showPeaks(peaks = {}) {
  for (const line of document.querySelectorAll(".strip[data-part]")) {
    const level = peaks[line.dataset.part] ?? 0;
    const share = level > 0 ? Math.max(0, 1 + (20 * Math.log10(level)) / 60) : 0;
    line.querySelector(".peak").style.transform = `scaleX(${Math.min(1, share)})`;
  }
}

/** What a screen reader is told of an output, if that is wished. */
export function speak(event, state) {
  if (!$("speak").checked) return;
  if (event.type === "Beat" && event.beat === 1) text("spoken", `bar ${event.bar}: ${state.chord}, next ${$("next").textContent}`);
  else if (event.type === "SectionHeard") text("spoken", `section ${event.section}, ${event.returns ? "again" : "new"}`);
  else if (event.type === "TransportChanged") text("spoken", event.playing ? "the band plays" : "stopped");
}
