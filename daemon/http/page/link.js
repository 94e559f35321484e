// The line to the band: the state as it stands, what changes it, and a clock that both sides agree on.

const RETRY_MS = 1000;
const PING_MS = 2000;

/** What the band would not do: its own words, and the status. */
export class Refusal extends Error {
  constructor(status, words) {
    super(words);
    this.status = status;
  }
}

/** Asks for something below this address, and gives the answer as JSON. */
export async function ask(path, method = "GET") {
  const answer = await fetch(path, { method });
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, content.detail ?? `${path}: ${answer.status}`);
  return content;
}

export class Link extends EventTarget {
  state = { parameters: {} };
  /** The session's clock less ours, in ms; the answer that came back quickest is believed. */
  #offset = 0;
  #quickest = Infinity;
  #socket = null;
  /** How long the last message took to the band and back, ms. */
  trip = NaN;

  connect() {
    const url = new URL("/ws", location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = (this.#socket = new WebSocket(url));
    this.#quickest = Infinity;
    const ping = () => this.send({ ping: performance.now() });
    const timer = setInterval(ping, PING_MS);
    socket.onopen = () => (ping(), this.#tell("open"));
    socket.onmessage = (message) => this.#take(JSON.parse(message.data));
    socket.onclose = () => {
      clearInterval(timer);
      this.#tell("lost");
      setTimeout(() => this.connect(), RETRY_MS);
    };
  }

  /** The session's clock, in ms. */
  now() {
    return performance.now() + this.#offset;
  }

  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  set(path, value) {
    return this.send({ set: { [path]: value } });
  }

  do(path, ...args) {
    return this.send({ do: path, arguments: args });
  }

  #take(message) {
    if (message.snapshot) {
      this.state = message.snapshot;
      if (this.#quickest === Infinity) this.#offset = message.at / 1000 - performance.now();
      this.#tell("changed", { all: true, fields: this.state });
    }
    if (message.delta) {
      const { parameters, ...fields } = message.delta;
      Object.assign(this.state, fields);
      Object.assign(this.state.parameters, parameters);
      this.#tell("changed", { all: false, fields: message.delta });
    }
    for (const event of message.events ?? []) this.#event(event);
    if (message.error) this.#tell("refused", message.error);
    if ("pong" in message) this.#tick(message);
  }

  #event(event) {
    const follow = {
      Beat: { bar: "bar", beat: "beat", number: "beat_number", tempo_bpm: "tempo_bpm" },
      ChordHeard: { chord: "chord", confidence: "chord_confidence" },
      KeyHeard: { key: "key", confidence: "key_confidence" },
      SectionHeard: { section: "section" },
      SongHeard: { song: "song", bar: "song_bar" },
      TransportChanged: { playing: "playing", tempo_bpm: "tempo_bpm", meter: "meter" },
    }[event.type];
    for (const [from, to] of Object.entries(follow ?? {})) this.state[to] = event[from];
    this.#keep(event);
    this.#tell("event", event);
  }

  /** What the state holds for who comes later, as the band's own mirror keeps it. */
  #keep(event) {
    if (event.type === "ClockHeard") this.state.clock = event;
    else if (event.type === "TransportChanged" && event.playing && event.position === 0) this.state.sections = [];
    else if (event.type === "SectionHeard") {
      this.state.sections = [...(this.state.sections ?? []).filter(({ bar }) => bar < event.bar), event].slice(-64);
    }
  }

  #tick({ pong, now }) {
    const trip = (this.trip = performance.now() - pong);
    this.#quickest += 1; // an old answer loses its weight, for clocks drift
    if (trip < this.#quickest) {
      this.#quickest = trip;
      this.#offset = now / 1000 - (pong + trip / 2);
    }
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }
}
