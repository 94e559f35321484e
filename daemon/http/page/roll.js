// The piano roll: time runs to the left past a fixed line. Left of it is what was played, right of it what is coming:
// notes that are written, solid; the chords of the plan, solid where the band has committed itself, faint where not.

import { tones } from "./tones.js";

const PAST_MS = 4000;
const FUTURE_MS = 5000;
const DRUM_ROWS = [36, 38, 42, 46, 49];
const DRUM_ROW = 7;
const FEWEST_PITCHES = 36;
const PARTS = ["player", "drums", "bass", "keys", "pad", "solo"];

export class Roll {
  #low = 36;
  #high = 84;

  constructor(canvas, source) {
    this.canvas = canvas;
    this.source = source;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    this.colours = Object.fromEntries([...PARTS, "accent", "dim"].map((name) => [name, colour(name)]));
    const draw = () => (this.source && canvas.clientWidth && this.draw(), requestAnimationFrame(draw));
    requestAnimationFrame(draw);
  }

  draw() {
    const { canvas, source } = this;
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const now = source.now();
    const [from, until] = [now - PAST_MS, now + FUTURE_MS];
    source.forget(from);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const place = { x: (at) => ((at - from) / (until - from)) * width, now, from, until, width, height, lane: height > 190 ? 44 : 32 };
    this.#grid(pen, place);
    this.#plan(pen, place);
    this.#notes(pen, place);
    this.#heard(pen, place);
    pen.globalAlpha = 1;
    pen.fillStyle = this.colours.accent;
    pen.fillRect(place.x(now) - 1, 0, 3, height);
  }

  #grid(pen, { x, from, until, height }) {
    for (const [at, isBar] of this.source.beats(from, until)) {
      pen.fillStyle = isBar ? "#465162" : "#1c222b";
      pen.fillRect(x(at), 0, isBar ? 2 : 1, height);
    }
  }

  #row(part, pitch, { height, lane }) {
    if (part === "drums") {
      const row = DRUM_ROWS.reduce((best, p, i) => (Math.abs(p - pitch) < Math.abs(DRUM_ROWS[best] - pitch) ? i : best), 0);
      return { y: height - DRUM_ROW * (row + 1), thick: DRUM_ROW - 1 };
    }
    const room = height - lane - DRUM_ROW * DRUM_ROWS.length - 10;
    const thick = Math.max(5, room / (this.#high - this.#low + 1));
    const share = (Math.min(this.#high, Math.max(this.#low, pitch)) - this.#low) / (this.#high - this.#low);
    return { y: lane + (room - thick) * (1 - share), thick: Math.max(3, thick - 1) };
  }

  #notes(pen, place) {
    const { x, now, from, until } = place;
    let [low, high] = [127, 0];
    for (const note of this.source.between(from, until, now)) {
      const { y, thick } = this.#row(note.part, note.pitch, place);
      const left = note.isComing ? Math.max(x(now) + 2, x(note.at)) : x(note.at);
      const right = x(note.isComing ? note.until : Math.min(note.until, Math.max(now, note.at + 30)));
      pen.globalAlpha = note.isComing ? 0.75 : 0.5 + (0.5 * note.velocity) / 127;
      pen.fillStyle = this.colours[note.part];
      pen.fillRect(left, y, Math.max(4, right - left - 1), thick);
      if (!note.isComing && note.until > now) {
        pen.globalAlpha = 0.35;
        pen.fillRect(x(now) - 8, y - 2, 10, thick + 4); // what sounds now glows at the line
      }
      if (note.part !== "drums") [low, high] = [Math.min(low, note.pitch), Math.max(high, note.pitch)];
    }
    this.#fit(low, high);
  }

  /** The range of pitches follows what is played, slowly. */
  #fit(low, high) {
    if (low > high) return;
    const more = Math.max(4, (FEWEST_PITCHES - (high - low)) / 2);
    this.#low += (Math.max(0, low - more) - this.#low) * 0.02;
    this.#high += (Math.min(127, high + more) - this.#high) * 0.02;
  }

  #heard(pen, { x, lane }) {
    pen.globalAlpha = 1;
    pen.textBaseline = "middle";
    pen.font = `700 ${lane > 40 ? 24 : 18}px system-ui, sans-serif`;
    pen.fillStyle = "#c3cad5";
    let end = -Infinity;
    const shown = this.source.chords.filter(({ chord }, i, all) => chord !== "N" && chord !== all[i - 1]?.chord);
    shown.forEach(({ at, chord }, i) => {
      if (i + 1 < shown.length && x(shown[i + 1].at) < 8) return;
      const left = Math.max(x(at) + 6, 6, end);
      const room = i + 1 < shown.length ? x(shown[i + 1].at) - left : Infinity;
      if (room < 14) return;
      pen.fillText(chord, left, lane / 2, Math.max(14, room - 4));
      end = left + Math.min(room, pen.measureText(chord).width) + 8;
    });
  }

  #plan(pen, place) {
    const { x, now, lane, height } = place;
    pen.textBaseline = "middle";
    pen.font = `700 ${lane > 40 ? 24 : 18}px system-ui, sans-serif`;
    for (const { from, until, chord, probability, committed } of this.source.planned()) {
      const left = Math.max(x(from), x(now) + 3);
      const right = x(until) - 3;
      if (right - left < 6 || chord === "N") continue;
      pen.globalAlpha = committed ? 1 : 0.35 + 0.5 * probability;
      pen.fillStyle = committed ? "#5a3f12" : "#1e242e";
      pen.fillRect(left, 3, right - left, lane - 6);
      pen.fillStyle = this.colours.accent;
      if (right - left > pen.measureText(chord).width + 8) pen.fillText(chord, left + 6, lane / 2);
      if (committed) {
        pen.globalAlpha = 0.1;
        pen.fillRect(left, lane, right - left, height - lane);
      } else this.#faint(pen, left, right, chord, probability, place);
    }
  }

  /** Where nothing is written yet: the tones of the chord that is foreseen, the fainter the less likely. */
  #faint(pen, left, right, chord, probability, place) {
    pen.globalAlpha = 0.05 + 0.17 * probability;
    for (let pitch = 48; pitch < 72; pitch++) {
      if (!tones(chord).includes(pitch % 12)) continue;
      const { y, thick } = this.#row("keys", pitch, place);
      pen.fillRect(left, y, right - left, thick);
    }
  }
}
