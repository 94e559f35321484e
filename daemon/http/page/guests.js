// Devices on the network that ask to send OSC, each with a button to let it in.

import { ask } from "./link.js";

/** Shows who asks; `complain` is told what goes wrong. */
export function showGuests({ asking }, complain) {
  const box = document.getElementById("guests");
  box.hidden = asking.length === 0;
  box.replaceChildren(...asking.map((address) => line(address, complain)));
}

function line(address, complain) {
  const words = document.createElement("p");
  const allow = document.createElement("button");
  const decline = document.createElement("button");
  allow.textContent = "Allow";
  allow.setAttribute("aria-label", `Allow ${address}`);
  decline.textContent = "Not now";
  decline.setAttribute("aria-label", `Not now: ${address}`);
  const decide = (method) => () => ask(`/api/guests/${encodeURIComponent(address)}`, method).catch((e) => complain(e.message));
  allow.onclick = decide("PUT");
  decline.onclick = decide("DELETE");
  words.append(`${address} asks to control the band by OSC`);
  const box = document.createElement("div");
  box.append(words, allow, decline);
  return box;
}
