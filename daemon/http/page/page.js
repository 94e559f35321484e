// The page: joins what is seen and touched to the band.

import { bind, element, show, strip } from "./controls.js";
import { Keys } from "./keys.js";
import { Link, get } from "./link.js";
import { Roll, changes } from "./roll.js";

const PARTS = ["drums", "bass", "keys", "pad", "solo"];
const LATER = 5;
const $ = (id) => document.getElementById(id);
const link = new Link();
const roll = new Roll($("roll"), link);
const keys = new Keys($("keys"), link);
let table = new Map();
let isLearning = false;

function text(id, words) {
  if ($(id).textContent !== String(words)) $(id).textContent = words;
}

function say(words, isBad = false) {
  text("status", words);
  $("status").classList.toggle("bad", isBad);
  $("status").classList.toggle("hidden", words === "");
}

// ------------------------------------------------------------------------------------------------ what is shown

function showMusic() {
  const { state } = link;
  text("bar", state.playing ? state.bar : "–");
  const beats = state.beats_per_bar ?? 4;
  if ($("beats").childElementCount !== beats) {
    $("beats").replaceChildren(...Array.from({ length: beats }, () => document.createElement("i")));
  }
  [...$("beats").children].forEach((dot, i) => dot.classList.toggle("on", state.playing && i === state.beat - 1));
  text("tempo", Math.round(state.tempo_bpm * 10) / 10);
  $("led").classList.toggle("hidden", (state.parameters["transport/source"] ?? "internal") === "internal");
  text("clock", state.clock === "locked" ? `locked ${Math.round(100 * state.clock_confidence)} %` : (state.clock ?? "–"));
  text("key", state.key || "–");
  text("section", state.section || "–");
  const trouble = state.sound?.trouble || state.sound?.state === "lost";
  text("device", !state.sound ? "off" : trouble ? "lost" : `${Math.round(state.sound.load_p99)} %`);
  text("chord", !state.chord || state.chord === "N" ? "–" : state.chord);
  $("confidence").value = state.chord_confidence ?? 0;
  $("play").setAttribute("aria-pressed", String(state.playing));
  text("play", state.playing ? "Stop" : "Start");
  showPlan(state);
}

function showPlan(state) {
  const plan = state.playing ? (state.plan ?? []) : [];
  const ahead = changes(plan.filter((beat) => beat.number > state.beat_number));
  const now = plan.find((beat) => beat.number === state.beat_number)?.chord ?? state.chord;
  const first = ahead.findIndex(([chord]) => chord !== now);
  const next = first < 0 ? null : ahead[first];
  text("next", next ? next[0] : plan.length ? now : "–");
  const away = next ? next[1] - state.beat_number : 0;
  text("next-when", next ? `in ${away} beat${away > 1 ? "s" : ""} · ${Math.round(100 * next[3])} %` : "next");
  $("next").parentElement.classList.toggle("tentative", !next?.[4]);
  $("probability").value = next ? next[3] : 0;
  const later = (next ? ahead.slice(first + 1) : []).filter((change, i, all) => change[0] !== (all[i - 1]?.[0] ?? next[0]));
  const rows = later.slice(0, LATER).map(([chord, , beats]) => `${chord} <small>${beats}</small>`).join("\n");
  if ($("later").dataset.rows !== rows) {
    $("later").dataset.rows = rows;
    $("later").replaceChildren(
      ...later.slice(0, LATER).map(([chord, , beats]) => {
        const item = document.createElement("li");
        const small = document.createElement("small");
        small.textContent = ` ${beats}`;
        item.append(chord, small);
        return item;
      }),
    );
  }
}

function showPeaks(peaks = {}) {
  for (const line of document.querySelectorAll(".strip[data-part]")) {
    const level = peaks[line.dataset.part] ?? 0;
    const share = level > 0 ? Math.max(0, 1 + (20 * Math.log10(level)) / 60) : 0;
    line.querySelector(".peak").style.transform = `scaleX(${Math.min(1, share)})`;
  }
}

function showParameters(parameters) {
  for (const [path, now] of Object.entries(parameters)) {
    for (const input of document.querySelectorAll(`[data-path="${CSS.escape(path)}"]`)) show(input, now);
  }
  if ("style" in parameters) $("style").value = parameters.style;
  if ("variation" in parameters) {
    for (const button of $("variations").children) {
      button.setAttribute("aria-pressed", String(button.dataset.value === parameters.variation));
    }
  }
}

function showBound(state) {
  text(
    "learning",
    state.learning
      ? `Now move a fader, hit a pad or press a pedal for ${state.learning} …`
      : isLearning
        ? "Touch a control of this page."
        : "Press Learn, touch a control of this page, then move a fader or hit a pad.",
  );
  $("bound").replaceChildren(
    ...(state.controls ?? []).map(({ target, message, port, mode }) => {
      const item = document.createElement("li");
      const forget = document.createElement("button");
      forget.textContent = "Forget";
      forget.onclick = () => link.do("midi/forget", target);
      item.append(`${message}${port ? ` of ${port}` : ""} → ${target} (${mode})`, forget);
      return item;
    }),
  );
}

// --------------------------------------------------------------------------------------------- what is touched

function learn(path) {
  link.do("midi/learn", path);
  setLearning(false);
}

function setLearning(is) {
  isLearning = is;
  $("learn").setAttribute("aria-pressed", String(is));
  document.body.classList.toggle("is-learning", is);
  showBound(link.state);
}

function press(button) {
  const { path } = button.dataset;
  if (button.id === "play") link.do(link.state.playing ? "transport/stop" : "transport/start");
  else if (button.id === "hold") {
    const isHeld = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isHeld));
    link.do("plan/hold", isHeld ? 0 : -1);
  } else if (button.dataset.do) link.do(button.dataset.do);
  if (button.dataset.do === "plan/veto") $("hold").setAttribute("aria-pressed", "false");
  if (path === "variation") link.set(path, button.dataset.value);
  else if (path) link.set(path, button.getAttribute("aria-pressed") !== "true");
  if (button.dataset.do) {
    button.classList.add("flash");
    setTimeout(() => button.classList.remove("flash"), 120);
  }
}

addEventListener(
  "pointerdown",
  (event) => {
    const touched = event.target.closest?.("[data-path], [data-do]");
    if (!isLearning || !touched) return;
    event.preventDefault();
    event.stopPropagation();
    learn(touched.dataset.path ?? touched.dataset.do);
    addEventListener("click", (e) => (e.preventDefault(), e.stopPropagation()), { capture: true, once: true });
  },
  { capture: true },
);

addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (button && (button.dataset.do || button.dataset.path || button.id === "play")) press(button);
});

const isTyping = (target) => target.matches?.("select, textarea, input:not([type=range], [type=checkbox])");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "Escape") return link.do("transport/panic");
  const onControl = event.target.matches?.("button, input, summary");
  if (event.key === " " && !onControl) return event.preventDefault(), press($("play"));
  if (event.repeat || !$("typing").checked) return;
  keys.type(event.key.toLowerCase(), true);
});
addEventListener("keyup", (event) => keys.type(event.key.toLowerCase(), false));

$("octave-down").onclick = () => (keys.shift(-1), text("octave", keys.name));
$("octave-up").onclick = () => (keys.shift(1), text("octave", keys.name));
$("learn").onclick = () => (link.state.learning ? link.do("midi/learn", "") : setLearning(!isLearning));
$("style").onchange = () => link.set("style", $("style").value);
$("search").oninput = () => {
  const wanted = $("search").value.toLowerCase();
  for (const label of $("controls").children) label.classList.toggle("hidden", !label.dataset.words.includes(wanted));
};

// ---------------------------------------------------------------------------------------------------- building

/** A path that may be broken after its slashes. */
function broken(path) {
  return path.split("/").flatMap((part, i) => (i ? ["/", document.createElement("wbr"), part] : [part]));
}

async function build() {
  const places = ["parameters", "actions", "styles"].map((name) => get(`/api/live/${name}`));
  const [{ parameters }, { actions }, { styles }] = await Promise.all(places);
  table = new Map(parameters.map((row) => [row.path, row]));
  $("style").replaceChildren(...styles.map((style) => new Option(`${style.title} (${style.meter})`, style.name)));
  $("variations").replaceChildren(
    ...(table.get("variation")?.choices ?? []).map((choice) => {
      const button = document.createElement("button");
      button.textContent = choice;
      button.dataset.value = choice;
      button.dataset.path = "variation";
      return button;
    }),
  );
  $("mixer").replaceChildren(
    ...PARTS.map((part) => {
      const line = strip(part);
      line.dataset.part = part;
      return line;
    }),
  );
  $("actions").replaceChildren(
    ...actions
      .filter((action) => action.least_arguments === 0 && !action.path.startsWith("midi/"))
      .map((action) => {
        const button = document.createElement("button");
        button.textContent = action.path;
        button.title = action.help;
        button.dataset.do = action.path;
        return button;
      }),
  );
  $("controls").replaceChildren(
    ...parameters.map((row) => {
      const label = document.createElement("label");
      const words = document.createElement("span");
      words.append(...broken(row.path));
      words.title = row.help;
      label.dataset.words = `${row.path} ${row.help}`.toLowerCase();
      label.append(words, element(row), document.createElement("output"));
      return label;
    }),
  );
  for (const input of document.querySelectorAll("input[data-path], select[data-path]")) {
    if (table.has(input.dataset.path)) bind(input, table.get(input.dataset.path), link);
  }
  text("octave", keys.name);
}

link.addEventListener("open", () => say(""));
link.addEventListener("lost", () => {
  keys.releaseAll();
  say("no answer from sideman; trying again …", true);
});
link.addEventListener("refused", ({ detail }) => {
  if (detail.detail.startsWith("plan/hold")) $("hold").setAttribute("aria-pressed", "false");
  say(detail.detail, true);
  setTimeout(() => say(""), 4000);
});
link.addEventListener("changed", ({ detail: { all, fields } }) => {
  showMusic();
  if (fields.parameters) showParameters(fields.parameters);
  if (fields.sound) showPeaks(fields.sound.peaks);
  if (all || fields.controls || "learning" in fields) showBound(link.state);
});
link.addEventListener("event", ({ detail: event }) => {
  roll.take(event);
  // What this page asked for and was refused is answered to it alone, and said there.
  if (event.type === "Rejected" && !event.source.startsWith("http")) say(event.reason, true), setTimeout(() => say(""), 4000);
  else if (!event.type.startsWith("Note")) showMusic();
});

build()
  .then(() => link.connect())
  .catch((problem) => say(`${problem.message}. A token may be needed: open this page as /#token=TOKEN`, true));
