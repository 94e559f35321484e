// The notes of a whole piece as a picture: pitch upwards, time to the right, the drums in rows at the foot.

const COLOURS = { solo: "--solo", player: "--player", keys: "--keys", pad: "--pad", bass: "--bass", drums: "--drums" };
const DRUM_SHARE = 0.16;

/** Draws `roll` (beats_per_bar, bars, notes of [part, pitch, start, length, velocity] in beats). */
export function drawRoll(canvas, roll) {
  const scale = devicePixelRatio || 1;
  const width = (canvas.width = canvas.clientWidth * scale);
  const height = (canvas.height = canvas.clientHeight * scale);
  const pen = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const beats = roll.bars * roll.beats_per_bar;
  const pitched = roll.notes.filter(([part]) => part !== "drums").map(([, pitch]) => pitch);
  const drums = [...new Set(roll.notes.filter(([part]) => part === "drums").map(([, pitch]) => pitch))].sort((a, b) => b - a);
  const low = Math.min(...pitched, 48) - 2;
  const high = Math.max(...pitched, 72) + 2;
  const foot = height * (drums.length ? 1 - DRUM_SHARE : 1);
  const x = (beat) => (beat / beats) * width;
  const tall = foot / (high - low + 1);
  for (let beat = 0; beat <= beats; beat++) {
    pen.fillStyle = beat % roll.beats_per_bar ? "#171b21" : "#333b47";
    pen.fillRect(x(beat), 0, scale, height);
  }
  const order = ["pad", "keys", "player", "bass", "drums", "solo"];
  for (const part of order) {
    pen.fillStyle = style.getPropertyValue(COLOURS[part]);
    for (const [, pitch, start, length, velocity] of roll.notes.filter((note) => note[0] === part)) {
      pen.globalAlpha = part === "pad" ? 0.45 : 0.45 + (0.55 * velocity) / 127;
      if (part === "drums") {
        const row = (height - foot) / drums.length;
        pen.fillRect(x(start), foot + drums.indexOf(pitch) * row, 2.5 * scale, Math.max(1, row - 1));
      } else {
        const wide = Math.max(2 * scale, x(length) - scale);
        pen.fillRect(x(start), (high - pitch) * tall, wide, Math.max(2, tall - 1));
      }
    }
  }
  pen.globalAlpha = 1;
}
