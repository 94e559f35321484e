// The pitch classes of a chord symbol, as far as a faint picture of it needs them: root, third, fifth, seventh.

const LETTERS = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const SHIFTS = { "#": 1, "♯": 1, b: -1, "♭": -1 };
const known = new Map();

/** [0..11, …]; empty for what is no chord. */
export function tones(chord) {
  if (!known.has(chord)) known.set(chord, read(chord));
  return known.get(chord);
}

function read(chord) {
  const found = /^([A-G])([#♯b♭]?)([^/]*)/.exec(chord ?? "");
  if (!found) return [];
  const [, letter, shift, kind] = found;
  const root = LETTERS[letter] + (SHIFTS[shift] ?? 0) + 12;
  const third = /^sus2/.test(kind) ? 2 : /sus/.test(kind) ? 5 : /^(m(?!aj)|min|-|dim|°|ø)/.test(kind) ? 3 : 4;
  const fifth = /dim|°|ø|b5|♭5/.test(kind) ? 6 : /aug|\+|#5/.test(kind) ? 8 : 7;
  const steps = [0, third, fifth];
  if (/maj7|M7|Δ/.test(kind)) steps.push(11);
  else if (/dim7|°7/.test(kind)) steps.push(9);
  else if (/7|9|13|ø/.test(kind)) steps.push(10);
  else if (/6/.test(kind)) steps.push(9);
  return steps.map((step) => (root + step) % 12);
}
