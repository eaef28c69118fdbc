// The playhead over a sound's spectrogram. The HTML is made anew for every sound, so all listening
// is done from outside it; media events do not bubble, but they can be captured.

const part = (name) => element.querySelector(`.moss-sound ${name}`);
let asked = 0;

function draw() {
  asked = 0;
  const audio = part("audio");
  const share = audio.duration ? audio.currentTime / audio.duration : 0;
  part(".playhead").style.setProperty("--at", share);
  if (!audio.paused) ask();
}

function ask() {
  asked ||= requestAnimationFrame(draw);
}

for (const event of ["play", "pause", "seeked", "timeupdate", "ended"]) {
  element.addEventListener(event, ask, true);
}

element.addEventListener("pointerdown", (event) => {
  const plot = event.target.closest(".moss-sound .plot");
  const audio = part("audio");
  if (!plot || event.button || !audio.duration) return;
  const { left, width } = plot.getBoundingClientRect();
  const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
  audio.currentTime = share * audio.duration;
});
