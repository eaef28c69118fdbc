// What hands do to the player, with a mouse, a finger or keys.

import { keyListener } from "./keys.js";
import { followSlider } from "./slider.js";

// Have `player` obey. What is listened to outside of it is so until `signal` is aborted.
export function obeyHands(player, signal) {
  const { root, find } = player;
  followSlider(player.place, {
    position: () => player.position,
    onDrag: (to) => player.drag(to),
    onRest: (k) => player.goTo(k),
  });
  player.playButton.addEventListener("click", () => player.toggle());
  player.originalButton.addEventListener("click", () => player.toggleOriginal());
  player.seeButton.addEventListener("click", () => player.see());
  const { volume } = player;
  volume.addEventListener("input", () => {
    volume.setAttribute("aria-valuetext", `${volume.value} dB`);
    player.mixer.setVolume(Number(volume.value));
  });
  const screen = find("screen");
  screen.addEventListener("click", (event) => {
    if (player.brush.kind !== null) return;
    const box = screen.getBoundingClientRect();
    player.seek((player.value.duration_s * (event.clientX - box.left)) / box.width);
  });
  // The first touch of anything starts the loading, so that Play has it at once.
  root.addEventListener("pointerdown", () => player.mixer.open());
  const isAlive = () => player.isAlive();
  document.addEventListener("keydown", keyListener(root, player, isAlive), { signal });
  document.addEventListener("play", () => isAlive() && player.mixer.playing && player.toggle(), {
    capture: true, // media events do not bubble
    signal,
  });
}
