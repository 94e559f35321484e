// The piano roll: time runs to the left past a fixed line. Left of it is what was played, right of it what is coming:
// notes that are written, and the chords of the plan, solid where the band has committed itself.

const PAST_MS = 3500;
const FUTURE_MS = 6000;
const LANE = 34;
const DRUM_ROWS = [36, 38, 42, 46, 49];

export class Roll {
  #sounding = new Map();
  #notes = [];
  #chords = [];
  #beat = { at: 0, number: 0, length: 500 };

  constructor(canvas, link) {
    this.canvas = canvas;
    this.link = link;
    this.colours = getComputedStyle(document.documentElement);
    const draw = () => (this.draw(), requestAnimationFrame(draw));
    requestAnimationFrame(draw);
  }

  /** An output of the band's heart. */
  take(event) {
    const at = event.at / 1000;
    const key = `${event.part} ${event.channel} ${event.pitch}`;
    if (event.type === "NoteOn") {
      const note = { part: event.part, pitch: event.pitch, velocity: event.velocity, at, until: Infinity };
      this.#sounding.set(key, note);
      this.#notes.push(note);
    } else if (event.type === "NoteOff" && this.#sounding.has(key)) {
      this.#sounding.get(key).until = at;
      this.#sounding.delete(key);
    } else if (event.type === "Beat") {
      const steps = event.number - this.#beat.number;
      const length = (at - this.#beat.at) / steps;
      const usual = 60000 / event.tempo_bpm;
      this.#beat = { at, number: event.number, length: steps > 0 && length > 100 && length < 4000 ? length : usual };
      this.#chords.push({ at, chord: this.link.state.chord });
    } else if (event.type === "ChordHeard") {
      this.#chords.push({ at, chord: event.chord });
    }
  }

  draw() {
    const { canvas } = this;
    const ratio = devicePixelRatio || 1;
    const width = canvas.clientWidth;
    const height = canvas.clientHeight;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    const now = this.link.now();
    this.#forget(now - PAST_MS);
    const pen = canvas.getContext("2d");
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const x = (at) => ((at - now + PAST_MS) / (PAST_MS + FUTURE_MS)) * width;
    this.#grid(pen, x, width, height, now);
    this.#played(pen, x, height, now);
    this.#coming(pen, x, height, now);
    this.#lane(pen, x, now);
    pen.fillStyle = this.#colour("accent");
    pen.fillRect(x(now) - 1, 0, 2, height);
  }

  #forget(before) {
    this.#notes = this.#notes.filter((note) => note.until > before && note.at > before - 60000);
    while (this.#chords.length > 1 && this.#chords[1].at < before) this.#chords.shift();
  }

  #colour(name) {
    return this.colours.getPropertyValue(`--${name}`).trim();
  }

  #grid(pen, x, width, height, now) {
    if (!this.link.state.playing) return;
    const { at, number, length } = this.#beat;
    const perBar = this.link.state.beats_per_bar ?? 4;
    const first = number + Math.ceil((now - PAST_MS - at) / length);
    for (let n = Math.max(0, first); x(at + (n - number) * length) < width; n++) {
      pen.fillStyle = n % perBar ? "#1a1f27" : "#39424f";
      pen.fillRect(x(at + (n - number) * length), 0, 1, height);
    }
  }

  #row(part, pitch, height) {
    const drums = 5 * 6;
    if (part === "drums") {
      const row = DRUM_ROWS.reduce((best, p, i) => (Math.abs(p - pitch) < Math.abs(DRUM_ROWS[best] - pitch) ? i : best), 0);
      return { y: height - 6 * (row + 1), thick: 5 };
    }
    const room = height - LANE - drums - 8;
    const thick = Math.max(4, room / 72);
    return { y: LANE + room - ((Math.min(96, Math.max(28, pitch)) - 28) / 68) * (room - thick) - thick, thick };
  }

  #played(pen, x, height, now) {
    for (const note of this.#notes) {
      const { y, thick } = this.#row(note.part, note.pitch, height);
      const left = x(note.at);
      const right = x(Math.min(note.until, Math.max(now, note.at + 30)));
      pen.globalAlpha = 0.45 + (0.55 * note.velocity) / 127;
      pen.fillStyle = this.#colour(note.part);
      pen.fillRect(left, y, Math.max(3, right - left), thick);
    }
    pen.globalAlpha = 1;
  }

  #coming(pen, x, height, now) {
    for (const note of this.link.state.coming ?? []) {
      if (note.until / 1000 < now) continue;
      const { y, thick } = this.#row(note.part, note.pitch, height);
      const left = Math.max(x(now) + 2, x(note.at / 1000));
      pen.globalAlpha = 0.5;
      pen.fillStyle = this.#colour(note.part);
      pen.fillRect(left, y, Math.max(3, x(note.until / 1000) - left), thick);
    }
    pen.globalAlpha = 1;
  }

  #lane(pen, x, now) {
    pen.font = "700 18px system-ui, sans-serif";
    pen.textBaseline = "middle";
    const chords = this.#chords;
    chords.forEach(({ at, chord }, i) => {
      if (chord === "N" || chord === chords[i - 1]?.chord) return;
      pen.fillStyle = "#9aa4b2";
      pen.fillText(chord, Math.max(x(at) + 6, 6), LANE / 2);
    });
    if (!this.link.state.playing) return;
    for (const [chord, number, beats, probability, committed] of changes(this.link.state.plan ?? [])) {
      const at = this.#beat.at + (number - this.#beat.number) * this.#beat.length;
      const left = Math.max(x(at), x(now) + 3);
      const right = x(at + beats * this.#beat.length) - 3;
      if (right - left < 6) continue;
      pen.globalAlpha = committed ? 1 : 0.3 + 0.5 * probability;
      pen.fillStyle = committed ? "#4a3512" : "#1b2029";
      pen.fillRect(left, 3, right - left, LANE - 6);
      pen.fillStyle = this.#colour("accent");
      if (right - left > pen.measureText(chord).width + 8) pen.fillText(chord, left + 6, LANE / 2);
    }
    pen.globalAlpha = 1;
  }
}

/** The plan as changes: [chord, first beat, beats, probability there, whether committed]. */
export function changes(plan) {
  const found = [];
  for (const beat of plan) {
    const last = found.at(-1);
    if (last && last[0] === beat.chord && last[4] === beat.committed) last[2] += 1;
    else found.push([beat.chord, beat.number, 1, beat.probability, beat.committed]);
  }
  return found;
}
