// The page: joins what is seen and touched to the band.

import { build } from "./build.js";
import { show } from "./controls.js";
import { showGuests } from "./guests.js";
import { Keys } from "./keys.js";
import { Learning } from "./learn.js";
import { Link } from "./link.js";
import { showMusic, showSound, speak, text } from "./music.js";
import { Roll } from "./roll.js";
import { Sessions } from "./sessions.js";
import { Live } from "./sources.js";

const SAID_MS = 5000;
const $ = (id) => document.getElementById(id);
const link = new Link();
const live = new Live(link);
const keys = new Keys($("keys"), link);
const learning = new Learning(link);
const sessions = new Sessions(complain);
let saying = 0;
new Roll($("roll"), live);

function say(words, isBad = false) {
  clearTimeout(saying);
  text("status", words);
  $("status").classList.toggle("bad", isBad);
  $("status").classList.toggle("hidden", words === "");
}

function complain(words) {
  say(words, true);
  saying = setTimeout(() => say(""), SAID_MS);
}

function showParameters(parameters) {
  for (const [path, now] of Object.entries(parameters)) {
    for (const input of document.querySelectorAll(`[data-path="${CSS.escape(path)}"]`)) {
      if (path === "variation" && input.tagName === "BUTTON") input.setAttribute("aria-pressed", String(input.dataset.value === now));
      else show(input, now);
    }
  }
}

/** On a phone, one thing at a time. */
function look(view) {
  document.body.dataset.view = view;
  for (const button of $("views").children) button.setAttribute("aria-pressed", String(button.dataset.view === view));
  if (view === "more") document.querySelector(".all").open = true;
  if (view === "sessions") sessions.list();
  scrollTo(0, 0);
}

// --------------------------------------------------------------------------------------------- what is touched

function press(button) {
  const { path, value } = button.dataset;
  const isPressed = button.getAttribute("aria-pressed") === "true";
  if (button.id.startsWith("play")) link.do(link.state.playing ? "transport/stop" : "transport/start");
  else if (button.id === "hold") {
    button.setAttribute("aria-pressed", String(!isPressed));
    link.do("plan/hold", isPressed ? 0 : -1);
  } else if (button.dataset.do) link.do(button.dataset.do);
  if (button.dataset.do === "plan/veto") $("hold").setAttribute("aria-pressed", "false");
  if (path) link.set(path, value ?? !isPressed);
  if (button.dataset.do) {
    button.classList.add("flash");
    setTimeout(() => button.classList.remove("flash"), 120);
  }
}

addEventListener("click", (event) => {
  const button = event.target.closest?.("button");
  if (!button) return;
  if (button.dataset.view) look(button.dataset.view);
  else if (button.dataset.do || button.dataset.path || ["play", "play-too"].includes(button.id)) press(button);
});

const isTyping = (target) => target.matches?.("select, textarea, input:not([type=range], [type=checkbox])");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  if (event.key === "Escape") return link.do("transport/panic");
  const onControl = event.target.matches?.("button, input, summary, a");
  if (event.key === " " && !onControl) return event.preventDefault(), press($("play"));
  if (event.repeat || !$("typing").checked) return;
  keys.type(event.key.toLowerCase(), true);
});
addEventListener("keyup", (event) => keys.type(event.key.toLowerCase(), false));

$("octave-down").onclick = () => (keys.shift(-1), text("octave", keys.name));
$("octave-up").onclick = () => (keys.shift(1), text("octave", keys.name));
$("search").oninput = () => {
  const wanted = $("search").value.toLowerCase();
  for (const label of $("controls").children) label.classList.toggle("hidden", !label.dataset.words.includes(wanted));
};

// ------------------------------------------------------------------------------------------- what the band tells

link.addEventListener("open", () => {
  say("");
  sessions.list();
});
link.addEventListener("lost", () => {
  keys.releaseAll();
  say("no answer from sideman; trying again …", true);
});
link.addEventListener("refused", ({ detail }) => {
  if (detail.detail.startsWith("plan/hold")) $("hold").setAttribute("aria-pressed", "false");
  complain(detail.detail);
});
link.addEventListener("changed", ({ detail: { all, fields } }) => {
  showMusic(link.state);
  if (fields.parameters) showParameters(fields.parameters);
  if (fields.sound || all) showSound(link.state.sound, link.trip);
  if (fields.guests) showGuests(fields.guests, complain);
  if (all || fields.controls || "learning" in fields) learning.show(link.state);
});
link.addEventListener("event", ({ detail: event }) => {
  live.take(event);
  speak(event, link.state);
  // What this page asked for and was refused is answered to it alone, and said there.
  if (event.type === "Rejected" && !event.source.startsWith("http")) complain(event.reason);
  else if (!event.type.startsWith("Note")) showMusic(link.state);
});

look("play");
build(link)
  .then(() => (text("octave", keys.name), link.connect()))
  .catch((problem) => {
    const isStranger = problem.status === 401;
    $("pair").hidden = !isStranger;
    if (isStranger) $("pair").querySelector("input").focus();
    say(isStranger ? "" : problem.message, true);
  });
