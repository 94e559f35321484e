// Everything that can be turned or pressed, made from the band's own table, and kept in step with it.

const SEND_MS = 33;

/** An element for a parameter: a slider, a switch, a list or a text. */
export function element(row) {
  let found;
  if (row.choices) {
    found = document.createElement("select");
    found.append(...row.choices.map((choice) => new Option(choice.replaceAll("_", " "), choice)));
  } else {
    found = document.createElement("input");
    found.type = { bool: "checkbox", float: "range", int: "range" }[row.kind] ?? "text";
    if (row.kind === "text") found.maxLength = 64;
  }
  found.dataset.path = row.path;
  return found;
}

/** Gives an element its range, and sends what is done to it. */
export function bind(input, row, link) {
  if (input.type === "range") {
    input.min = row.low;
    input.max = row.high;
    input.step = row.kind === "int" ? 1 : input.step !== "1" ? "any" : 1;
  }
  input.title ||= `${row.help}${row.unit ? ` (${row.unit})` : ""}`;
  if (!input.labels?.length && !input.hasAttribute("aria-label")) input.setAttribute("aria-label", row.help);
  let waiting = false;
  const send = () => {
    waiting = false;
    link.set(row.path, value(input));
  };
  const kind = input.type === "range" ? "input" : "change";
  input.addEventListener(kind, () => {
    input.dataset.touched = performance.now();
    say(input);
    if (!waiting) setTimeout(send, SEND_MS);
    waiting = true;
  });
}

function value(input) {
  if (input.type === "checkbox") return input.checked;
  return input.type === "range" ? Number(input.value) : input.value;
}

/** Shows where a parameter stands; a control under the finger is left alone. */
export function show(input, now) {
  if (performance.now() - (input.dataset.touched ?? -1e9) < 300) return;
  if (input.type === "checkbox") input.checked = now;
  else if (input.tagName === "BUTTON") input.setAttribute("aria-pressed", String(now));
  else input.value = now;
  say(input);
}

function say(input) {
  const output = input.parentElement?.querySelector("output");
  if (!output || input.type !== "range") return;
  const number = Number(input.value);
  output.textContent = Number.isInteger(number) ? number : number.toFixed(Math.abs(number) < 10 ? 2 : 0);
}

/** A line of the mixer. */
export function strip(part) {
  const line = document.createElement("div");
  line.className = "strip";
  line.style.setProperty("--colour", `var(--${part})`);
  line.innerHTML = `
    <span class="name">${part}</span>
    <button class="mute" data-path="part/${part}/mute" aria-label="mute the ${part}">M</button>
    <button data-path="part/${part}/solo" aria-label="hear only the ${part}">S</button>
    <span class="level"><input type="range" data-path="part/${part}/level" aria-label="level of the ${part}"><i class="peak"></i></span>
    <span class="density"><input type="range" data-path="part/${part}/density" aria-label="density of the ${part}"></span>`;
  return line;
}
