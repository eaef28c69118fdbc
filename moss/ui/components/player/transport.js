// What shows whether, and where in the loop, the player plays.

import { finder } from "../finder.js";

// Return "minutes:seconds".
export function clockText(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

export class Transport {
  constructor(root) {
    const find = finder(root, "moss-");
    this.button = find("play");
    this.playhead = find("playhead");
    this.clock = find("clock");
  }

  showPlaying(isPlaying) {
    this.button.classList.toggle("moss-playing", isPlaying);
    this.button.querySelector("span").textContent = isPlaying ? "Pause" : "Play";
  }

  showTime(seconds, duration_s) {
    this.playhead.style.left = `${(100 * seconds) / duration_s}%`;
    this.clock.textContent = `${clockText(seconds)} / ${clockText(duration_s)}`;
  }
}
