// The keyboard on the screen: mouse, many fingers, or the computer's own keys.

const TYPED = "awsedftgyhujkolp;"; // a is C, w is C sharp, and so on
const BLACK = new Set([1, 3, 6, 8, 10]);
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const VELOCITY = 90;

export class Keys {
  #down = new Map(); // what holds a key (a finger, a computer key) and the pitch it holds
  #lowest = 48;

  constructor(box, link) {
    this.box = box;
    this.link = link;
    this.build();
    new ResizeObserver(() => this.build()).observe(box);
    box.addEventListener("pointerdown", (e) => this.#point(e));
    box.addEventListener("pointermove", (e) => this.#down.has(e.pointerId) && this.#point(e));
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
      addEventListener(end, (e) => this.release(e.pointerId), true);
    }
    addEventListener("blur", () => this.releaseAll());
  }

  get name() {
    return `C${this.#lowest / 12 - 1}`;
  }

  shift(octaves) {
    this.releaseAll();
    this.#lowest = Math.min(84, Math.max(12, this.#lowest + 12 * octaves));
    this.#name();
  }

  /** A computer's key; whether it is one of ours. */
  type(code, isDown) {
    const place = TYPED.indexOf(code);
    if (place < 0) return false;
    if (isDown) this.press(code, this.#lowest + place);
    else this.release(code);
    return true;
  }

  press(who, pitch, velocity = VELOCITY) {
    if (this.#down.get(who) === pitch) return;
    this.release(who);
    const isHeld = [...this.#down.values()].includes(pitch);
    this.#down.set(who, pitch);
    if (!isHeld) this.link.send({ note: [pitch, velocity] });
    this.#show(pitch, true);
  }

  release(who) {
    const pitch = this.#down.get(who);
    if (pitch === undefined) return;
    this.#down.delete(who);
    if ([...this.#down.values()].includes(pitch)) return;
    this.link.send({ note: [pitch, 0] });
    this.#show(pitch, false);
  }

  releaseAll() {
    for (const who of [...this.#down.keys()]) this.release(who);
  }

  build() {
    const count = this.box.clientWidth > 900 ? 36 : this.box.clientWidth > 520 ? 24 : 17;
    if (this.box.childElementCount === count) return;
    this.releaseAll();
    const places = [...Array(count).keys()];
    const whites = places.filter((i) => !BLACK.has(i % 12)).length;
    let white = 0;
    this.box.replaceChildren(
      ...places.map((i) => {
        const key = document.createElement("button");
        const isBlack = BLACK.has(i % 12);
        const width = 100 / whites;
        key.className = isBlack ? "black" : "white";
        key.tabIndex = -1;
        key.dataset.place = i;
        key.style.left = `${isBlack ? (white - 0.3) * width : white * width}%`;
        key.style.width = `${isBlack ? 0.6 * width : width}%`;
        white += isBlack ? 0 : 1;
        return key;
      }),
    );
    this.#name();
  }

  #name() {
    for (const key of this.box.children) {
      const pitch = this.#lowest + Number(key.dataset.place);
      key.setAttribute("aria-label", `${NAMES[pitch % 12]}${Math.floor(pitch / 12) - 1}`);
      key.textContent = TYPED[key.dataset.place]?.toUpperCase() ?? "";
    }
  }

  #point(event) {
    const key = document.elementFromPoint(event.clientX, event.clientY);
    if (!key || key.parentElement !== this.box) return;
    event.preventDefault();
    const box = key.getBoundingClientRect();
    const low = (event.clientY - box.top) / box.height; // struck near the front edge, a key is louder
    this.press(event.pointerId, this.#lowest + Number(key.dataset.place), Math.round(50 + 70 * low));
  }

  #show(pitch, isDown) {
    this.box.querySelector(`[data-place="${pitch - this.#lowest}"]`)?.classList.toggle("down", isDown);
  }
}
