// Makes what depends on the band's own tables: styles, variations, mixer, every control and action.

import { bind, element, strip } from "./controls.js";
import { ask } from "./link.js";

const PARTS = ["drums", "bass", "keys", "pad", "solo"];
const $ = (id) => document.getElementById(id);

/** A path that may be broken after its slashes. */
function broken(path) {
  return path.split("/").flatMap((part, i) => (i ? ["/", document.createElement("wbr"), part] : [part]));
}

function mixerLine(part) {
  const line = strip(part);
  line.dataset.part = part;
  return line;
}

function variation(choice) {
  const button = Object.assign(document.createElement("button"), { textContent: choice });
  Object.assign(button.dataset, { value: choice, path: "variation" });
  if (choice.length === 1) button.setAttribute("aria-label", `variation ${choice}`);
  return button;
}

function actionButton(action) {
  const button = Object.assign(document.createElement("button"), { textContent: action.path, title: action.help });
  button.dataset.do = action.path;
  return button;
}

function control(row) {
  const label = document.createElement("label");
  const words = Object.assign(document.createElement("span"), { title: row.help });
  words.append(...broken(row.path));
  label.dataset.words = `${row.path} ${row.help}`.toLowerCase();
  label.append(words, element(row), document.createElement("output"));
  return label;
}

/** Layouts for other people's controllers, to download. */
async function showLayouts() {
  const { layouts } = await ask("/layouts");
  $("layouts").replaceChildren(
    "Layouts: ",
    ...layouts.map(({ file, href }) => Object.assign(document.createElement("a"), { href, download: file, textContent: file })),
  );
}

export async function build(link) {
  showLayouts().catch(() => $("layouts").remove());
  const places = ["parameters", "actions", "styles"].map((name) => ask(`/api/live/${name}`));
  const [{ parameters }, { actions }, { styles }] = await Promise.all(places);
  const table = new Map(parameters.map((row) => [row.path, row]));
  const buttons = actions.filter(({ least_arguments, path }) => least_arguments === 0 && !path.startsWith("midi/"));
  $("style").replaceChildren(...styles.map((style) => new Option(`${style.title} (${style.meter})`, style.name)));
  $("variations").replaceChildren(...(table.get("variation")?.choices ?? []).map(variation));
  $("mixer").replaceChildren(...PARTS.map(mixerLine));
  $("actions").replaceChildren(...buttons.map(actionButton));
  $("controls").replaceChildren(...parameters.map(control));
  for (const input of document.querySelectorAll("input[data-path], select[data-path]")) {
    if (table.has(input.dataset.path)) bind(input, table.get(input.dataset.path), link);
  }
}
