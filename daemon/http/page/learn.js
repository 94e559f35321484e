// MIDI learn: press Learn, touch a control (or press Enter on it), then move a fader.

import { text } from "./music.js";

const $ = (id) => document.getElementById(id);

export class Learning {
  #isOn = false;

  constructor(link) {
    this.link = link;
    $("learn").onclick = () => (link.state.learning ? link.do("midi/learn", "") : this.#set(!this.#isOn));
    addEventListener("pointerdown", (event) => this.#touched(event), { capture: true });
    addEventListener("keydown", (event) => event.key === "Enter" && this.#touched(event), { capture: true });
  }

  #touched(event) {
    const touched = event.target.closest?.("[data-path], [data-do]");
    if (!this.#isOn || !touched) return;
    event.preventDefault();
    event.stopPropagation();
    this.link.do("midi/learn", touched.dataset.path ?? touched.dataset.do);
    this.#set(false);
    if (event.type === "pointerdown") {
      addEventListener("click", (e) => (e.preventDefault(), e.stopPropagation()), { capture: true, once: true });
    }
  }

  #set(is) {
    this.#isOn = is;
    $("learn").setAttribute("aria-pressed", String(is));
    document.body.classList.toggle("is-learning", is);
    this.show(this.link.state);
  }

  /** What is awaited, and what is bound. */
  show(state) {
    const usual = "Press Learn, touch a control of this page, then move a fader or hit a pad.";
    const awaited = `Now move a fader, hit a pad or press a pedal for ${state.learning} …`;
    text("learning", state.learning ? awaited : this.#isOn ? "Touch a control of this page." : usual);
    $("bound").replaceChildren(
      ...(state.controls ?? []).map(({ target, message, port, mode }) => {
        const item = document.createElement("li");
        const forget = document.createElement("button");
        forget.textContent = "Forget";
        forget.setAttribute("aria-label", `Forget what ${message} does`);
        forget.onclick = () => this.link.do("midi/forget", target);
        item.append(`${message}${port ? ` of ${port}` : ""} → ${target} (${mode})`, forget);
        return item;
      }),
    );
  }
}
