// The sessions that were recorded: a list, a piano roll that plays them again, their files.

import { ask } from "./link.js";
import { Roll } from "./roll.js";
import { Replayed } from "./sources.js";

const $ = (id) => document.getElementById(id);
const NAMES = {
  "session.jsonl": "log",
  "tokens.jsonl": "tokens",
  "performance.mid": "my MIDI",
  "band.mid": "band MIDI",
  "mix.wav": "mix",
  "summary.json": "summary",
  "memory.bin": "memory",
};

function button(words, label, onclick) {
  const made = Object.assign(document.createElement("button"), { textContent: words, onclick });
  made.setAttribute("aria-label", label);
  return made;
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export class Sessions {
  #row = null;
  #length = 0;
  #audio = null;
  #at = 0; // where it stands, ms; while it runs without sound, where it began
  #since = null; // when that was; null while it stands still

  /** `complain` is told what goes wrong. */
  constructor(complain) {
    this.complain = complain;
    this.roll = new Roll($("replay-roll"), null);
    $("look").onclick = () => this.list();
    $("replay-play").onclick = () => (this.isRunning ? this.pause() : this.play());
    $("replay-seek").oninput = () => this.seek(Number($("replay-seek").value));
    setInterval(() => this.#show(), 100);
  }

  get isRunning() {
    return this.#audio ? !this.#audio.paused : this.#since !== null;
  }

  now() {
    if (this.#audio) return this.#audio.currentTime * 1000;
    return this.#since === null ? this.#at : this.#at + performance.now() - this.#since;
  }

  async list() {
    const { sessions } = await this.#try(() => ask("/api/sessions"), { sessions: [] });
    const rows = sessions.map((row) => this.#line(row));
    if (rows.length === 0) rows.push(Object.assign(document.createElement("li"), { className: "empty", textContent: "none yet" }));
    $("sessions").replaceChildren(...rows);
  }

  #line(row) {
    const item = document.createElement("li");
    const about = document.createElement("span");
    const when = row.started ? new Date(row.started).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : row.name;
    const length = row.is_present ? "now" : row.seconds === null ? "cut off" : clock(1000 * row.seconds);
    about.append(Object.assign(document.createElement("b"), { textContent: when }), ` ${row.style.replaceAll("_", " ")} · ${row.trouble || length}`);
    item.append(about, button("Open", `Open the session of ${when}`, () => this.open(row)));
    if (!row.is_present) {
      item.append(button("Delete", `Delete the session of ${when}`, (event) => this.#delete(row, event.target)));
    }
    return item;
  }

  async open(row) {
    this.pause();
    const roll = await this.#try(() => ask(`/api/sessions/${row.name}/roll`));
    if (!roll) return;
    [this.#row, this.#length, this.#at, this.#audio] = [row, roll.milliseconds, 0, null];
    this.roll.source = new Replayed(roll, () => this.now());
    $("replay").hidden = false;
    $("replay-name").textContent = `${row.name}${roll.is_cut ? " (the beginning)" : ""}`;
    $("replay-seek").max = this.#length;
    this.#offer(row);
    $("replay").scrollIntoView({ block: "nearest" });
    $("replay-name").focus({ preventScroll: true });
  }

  /** Files to download, and the sound: what there is of it, or a button that makes it. */
  #offer(row) {
    $("replay-files").replaceChildren(
      ...row.files.map(({ name, href, bytes }) => {
        const link = Object.assign(document.createElement("a"), { href, download: "", textContent: NAMES[name] ?? name });
        link.append(Object.assign(document.createElement("small"), { textContent: ` ${Math.ceil(bytes / 1000)} kB` }));
        return link;
      }),
    );
    const mix = row.files.find(({ name }) => name === "mix.wav");
    if (mix) {
      this.#audio = new Audio(mix.href);
      this.#audio.preload = "metadata";
      $("replay-sound").textContent = "with sound";
    } else if (row.is_present) $("replay-sound").textContent = "without sound: it is not over yet";
    else $("replay-sound").replaceChildren("without sound ", button("Make the sound", "Make the sound of this session", (e) => this.#mix(row, e.target)));
  }

  async #mix(row, pressed) {
    Object.assign(pressed, { disabled: true, textContent: "making it …" });
    const made = await this.#try(() => ask(`/api/sessions/${row.name}/mix`, "POST"));
    if (this.#row !== row) return;
    const at = this.now();
    this.pause();
    this.#row = made ?? row;
    this.#offer(this.#row);
    this.seek(at);
  }

  async #delete(row, pressed) {
    if (pressed.dataset.sure !== "yes") {
      const label = pressed.getAttribute("aria-label");
      const name = (words, spoken, sure) => {
        Object.assign(pressed, { textContent: words }).dataset.sure = sure;
        pressed.setAttribute("aria-label", spoken);
      };
      name("Really?", `Really? ${label}`, "yes");
      setTimeout(() => name("Delete", label, ""), 4000);
      return;
    }
    await this.#try(() => ask(`/api/sessions/${row.name}`, "DELETE"));
    if (this.#row?.name === row.name) this.close();
    await this.list();
  }

  close() {
    this.pause();
    [this.#row, this.#audio, this.roll.source] = [null, null, null];
    $("replay").hidden = true;
  }

  play() {
    if (this.now() >= this.#length - 50) this.seek(0);
    if (this.#audio) this.#audio.play().catch((error) => this.complain(error.message));
    else this.#since = performance.now();
  }

  pause() {
    if (this.#audio) this.#audio.pause();
    this.#at = this.now();
    this.#since = null;
  }

  seek(at) {
    if (this.#audio) this.#audio.currentTime = at / 1000;
    this.#at = at;
    if (this.#since !== null) this.#since = performance.now();
  }

  #show() {
    if (!this.#row) return;
    if (this.isRunning && this.now() >= this.#length) this.pause();
    const at = Math.min(this.now(), this.#length);
    $("replay-play").textContent = this.isRunning ? "Pause" : "Play";
    $("replay-play").setAttribute("aria-pressed", String(this.isRunning));
    $("replay-seek").value = at;
    $("replay-seek").setAttribute("aria-valuetext", `${clock(at)} of ${clock(this.#length)}`);
    $("replay-at").textContent = `${clock(at)} / ${clock(this.#length)}`;
  }

  async #try(work, otherwise = null) {
    try {
      return await work();
    } catch (problem) {
      this.complain(problem.message);
      return otherwise;
    }
  }
}
