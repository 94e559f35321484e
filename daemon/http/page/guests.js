// Devices on the network that ask to send OSC, each with a button to let it in.

import { ask } from "./link.js";

/** Shows who asks and who may; `complain` is told what goes wrong. */
export function showGuests({ asking, allowed }, complain) {
  document.getElementById("allowed").replaceChildren(...allowed.map((address) => known(address, complain)));
  const box = document.getElementById("guests");
  box.hidden = asking.length === 0;
  box.replaceChildren(...asking.map((address) => line(address, complain)));
}

function decide(address, method, complain) {
  return () => ask(`/api/guests/${encodeURIComponent(address)}`, method).catch((problem) => complain(problem.message));
}

function known(address, complain) {
  const item = document.createElement("li");
  const forget = Object.assign(document.createElement("button"), { textContent: "Forget" });
  forget.setAttribute("aria-label", `Forget ${address}`);
  forget.onclick = decide(address, "DELETE", complain);
  item.append(`${address} may send OSC`, forget);
  return item;
}

function line(address, complain) {
  const words = document.createElement("p");
  const allow = document.createElement("button");
  const decline = document.createElement("button");
  allow.textContent = "Allow";
  allow.setAttribute("aria-label", `Allow ${address}`);
  decline.textContent = "Not now";
  decline.setAttribute("aria-label", `Not now: ${address}`);
  allow.onclick = decide(address, "PUT", complain);
  decline.onclick = decide(address, "DELETE", complain);
  words.append(`${address} asks to control the band by OSC`);
  const box = document.createElement("div");
  box.append(words, allow, decline);
  return box;
}
