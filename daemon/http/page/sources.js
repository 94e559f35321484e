// What a piano roll shows: the band that plays now, or a session that was played. Times in ms.

const LONGEST_MS = 60000;
const LONG_MS = 20000;

/** The band now: outputs in, as they happen; the state of the line besides. */
export class Live {
  notes = [];
  chords = [];
  #sounding = new Map();
  #beat = { at: 0, number: 0, length: 500 };

  constructor(link) {
    this.link = link;
  }

  get isPlaying() {
    return Boolean(this.link.state.playing);
  }

  now() {
    return this.link.now();
  }

  /** An output of the band's heart. */
  take(event) {
    const at = event.at / 1000;
    const key = `${event.part} ${event.channel} ${event.pitch}`;
    if (event.type === "NoteOn") {
      const note = { part: event.part, pitch: event.pitch, velocity: event.velocity, at, until: Infinity };
      this.#sounding.set(key, note);
      this.notes.push(note);
    } else if (event.type === "NoteOff" && this.#sounding.has(key)) {
      this.#sounding.get(key).until = at;
      this.#sounding.delete(key);
    } else if (event.type === "Beat") {
      const steps = event.number - this.#beat.number;
      const length = (at - this.#beat.at) / steps;
      const usual = 60000 / event.tempo_bpm;
      this.#beat = { at, number: event.number, length: steps > 0 && length > 100 && length < 4000 ? length : usual };
      this.chords.push({ at, chord: this.link.state.chord });
    } else if (event.type === "ChordHeard") {
      this.chords.push({ at, chord: event.chord });
    }
  }

  /** Everything that is over before `before` is let go. */
  forget(before) {
    this.notes = this.notes.filter((note) => note.until > before && note.at > before - LONGEST_MS);
    while (this.chords.length > 1 && this.chords[1].at < before) this.chords.shift();
  }

  /** The notes between two times, and which of them are still to come. */
  *between(from, until, now) {
    yield* this.notes;
    for (const { part, pitch, velocity, at, until: end } of this.link.state.coming ?? []) {
      if (end / 1000 > now && at / 1000 < until) yield { part, pitch, velocity, at: at / 1000, until: end / 1000, isComing: true };
    }
  }

  /** Beats between two times: [at, whether a bar begins]. */
  *beats(from, until) {
    if (!this.isPlaying) return;
    const { at, number, length } = this.#beat;
    const perBar = this.link.state.beats_per_bar ?? 4;
    for (let n = Math.max(0, number + Math.ceil((from - at) / length)); at + (n - number) * length < until; n++) {
      yield [at + (n - number) * length, n % perBar === 0];
    }
  }

  /** The chords that are planned: from, until, chord, probability, whether the band has committed itself. */
  *planned() {
    if (!this.isPlaying) return;
    for (const [chord, number, beats, probability, committed] of changes(this.link.state.plan ?? [])) {
      const from = this.#beat.at + (number - this.#beat.number) * this.#beat.length;
      yield { from, until: from + beats * this.#beat.length, chord, probability, committed };
    }
  }
}

/** A session that was played: everything in it is known. */
export class Replayed {
  isPlaying = true;

  constructor(roll, now) {
    this.roll = roll;
    this.now = now;
    this.chords = roll.chords.map(([at, chord]) => ({ at, chord }));
    this.notes = roll.notes.map(([part, pitch, velocity, at, until]) => ({ part, pitch, velocity, at, until }));
  }

  forget() {}

  *between(from, until, now) {
    for (let i = firstAfter(this.notes, from - LONG_MS, (note) => note.at); i < this.notes.length; i++) {
      const note = this.notes[i];
      if (note.at >= until) return;
      if (note.until > from) yield note.at > now ? { ...note, isComing: true } : note;
    }
  }

  *beats(from, until) {
    const { beats } = this.roll;
    for (let i = firstAfter(beats, from, ([at]) => at); i < beats.length && beats[i][0] < until; i++) {
      yield [beats[i][0], beats[i][2] === 1];
    }
  }

  *planned() {}
}

function firstAfter(rows, at, of) {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (of(rows[middle]) < at) low = middle + 1;
    else high = middle;
  }
  return low;
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
