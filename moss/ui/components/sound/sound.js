// The playhead over a sound's spectrogram. The HTML is made anew for every sound, so all listening
// is done from outside it; media events do not bubble, but they can be captured.

const MEDIA_EVENTS = ["play", "pause", "seeked", "timeupdate", "ended"];

export function mount({ element }) {
  const find = (selector) => element.querySelector(`.moss-sound ${selector}`);
  let request = 0; // of the next frame, while there is one

  function draw() {
    request = 0;
    const audio = find("audio");
    const share = audio.duration ? audio.currentTime / audio.duration : 0;
    find(".playhead").style.setProperty("--at", share);
    if (!audio.paused) drawSoon();
  }

  function drawSoon() {
    request ||= requestAnimationFrame(draw);
  }

  for (const name of MEDIA_EVENTS) element.addEventListener(name, drawSoon, true);

  element.addEventListener("pointerdown", (event) => {
    const plot = event.target.closest(".moss-sound .plot");
    const audio = find("audio");
    if (!plot || event.button || !audio.duration) return;
    audio.currentTime = shareAt(event.clientX, plot.getBoundingClientRect()) * audio.duration;
  });
}

// Where a point is between the left and the right side of a box, 0 to 1.
export function shareAt(x, { left, width }) {
  return Math.min(Math.max((x - left) / width, 0), 1);
}
