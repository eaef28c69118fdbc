// One position between music and picture, and everything on the page that shows or moves it.

const GLIDE_MS = 180;
const NAMES = { best_musical: "Most musical", balanced: "Balanced", best_visual: "Most visual" };
const CARDS = "use the cards below, which play without it.";

const root = element.querySelector(".moss-player");
const find = (name) => root.querySelector(`.moss-${name}`);
const [place, playButton, originalButton, seeButton] =
  ["place", "play", "original", "watch"].map(find);
const volume = find("volume").querySelector("input");
const life = new AbortController(); // ends the listeners outside of this component
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let value = null;
let mixer = null;
let position = 0;
let told = null; // the point that is written about
let sounding = null; // what the mixer said last
let gliding = 0;
let dragging = false;

const spectrogram = new Spectrogram(root, () => root.toggleAttribute("data-drawn", true));
const plot = new FrontPlot(find("map").querySelector("svg"), goTo);
const brush = new Brush(root, (wishes) => trigger("wish", { wishes }), say);

// A new value takes the place of everything but the volume.

function show(text) {
  const going = mixer?.playing ? mixer.time : null;
  stop();
  value = text ? JSON.parse(text) : null;
  root.hidden = !value;
  say("");
  told = sounding = null;
  if (!value) {
    spectrogram.clear();
    return;
  }
  mixer = new Mixer(value, heard);
  mixer.setVolume(Number(volume.value));
  place.max = value.points.length - 1;
  find("stops").replaceChildren(...value.points.map((_, k) => {
    const stop = document.createElement("i");
    stop.classList.toggle("moss-new", value.new.includes(k));
    return stop;
  }));
  listChosen();
  spectrogram.show(value);
  plot.show(value);
  brush.show(value);
  listen(false);
  showTime(0);
  setPosition(value.at);
  if (going !== null) { // who listens goes on listening
    seek(going);
    toggle();
  }
  if (!window.AudioContext) {
    playButton.disabled = originalButton.disabled = seeButton.disabled = true;
    say(`This browser lacks Web Audio, which the player needs; ${CARDS}`);
  }
}

function stop() {
  cancelAnimationFrame(gliding);
  mixer?.close();
  mixer = null;
  showPlaying();
}

// Gradio tells nobody when it takes a component off the page.
function alive() {
  if (!element.isConnected) {
    stop();
    life.abort();
  }
  return element.isConnected && value !== null;
}

// Sound

function heard(state) {
  if (state === sounding) return; // leaving alone what others say
  sounding = state;
  const failed = `This sound cannot be loaded; try again, or ${CARDS}`;
  say({ loading: "Loading", failed, ready: "" }[state]);
}

function say(text) {
  find("say").textContent = text;
}

function toggle() {
  if (playButton.disabled) return; // the key, where there is no sound
  if (mixer.playing) {
    mixer.pause();
  } else {
    for (const media of document.querySelectorAll("audio, video")) media.pause();
    mixer.play();
    requestAnimationFrame(follow);
  }
  showPlaying();
}

function showPlaying() {
  const playing = Boolean(mixer?.playing);
  playButton.classList.toggle("moss-playing", playing);
  playButton.querySelector("span").textContent = playing ? "Pause" : "Play";
}

function listen(toOriginal) {
  originalButton.setAttribute("aria-pressed", toOriginal);
  mixer.listenToOriginal(toOriginal);
}

function seek(seconds) {
  mixer.seek(seconds);
  showTime(mixer.offset);
}

function follow() {
  if (!alive() || !mixer?.playing) return;
  showTime(mixer.time);
  requestAnimationFrame(follow);
}

function showTime(seconds) {
  find("playhead").style.left = `${(100 * seconds) / value.duration_s}%`;
  find("clock").textContent = `${minutes(seconds)} / ${minutes(value.duration_s)}`;
}

function minutes(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}

// Position

function setPosition(to) {
  position = Math.min(Math.max(to, 0), value.points.length - 1);
  place.value = position;
  spectrogram.draw(position);
  plot.place(position);
  mixer.moveTo(position);
  read(Math.round(position));
}

// Glide to point k: only points are files, so nothing rests between two of them.
function goTo(k) {
  listen(false); // who moves on wants to hear it
  const target = Math.min(Math.max(k, 0), value.points.length - 1);
  const [from, started] = [position, performance.now()];
  cancelAnimationFrame(gliding);
  const step = () => {
    const share = calm.matches ? 1 : Math.min((performance.now() - started) / GLIDE_MS, 1);
    const eased = 1 - (1 - share) ** 3;
    setPosition(share < 1 ? from + eased * (target - from) : target);
    if (share < 1) gliding = requestAnimationFrame(step);
  };
  step();
}

function slid() {
  const to = Number(place.value);
  cancelAnimationFrame(gliding);
  if (dragging) {
    listen(false);
    setPosition(to);
  } else {
    // A screen reader moves by a hundredth of a point or a tenth of the way: to whole points.
    const by = to - position;
    goTo(Math.round(position) + Math.sign(by) * Math.max(1, Math.round(Math.abs(by))));
  }
}

// What is written about it

function read(k) {
  if (k === told) return;
  told = k;
  const { file, sound, designed, replayed } = value.points[k];
  const last = value.points.length - 1;
  find("point").textContent = `Point ${k} of ${last}${value.new.includes(k) ? ", new" : ""}`;
  place.setAttribute("aria-valuetext",
    `Point ${k} of ${last}, difference from the picture ${replayed[0].toFixed(2)}, ` +
    `from the music ${replayed[1].toFixed(1)}`);
  find("picture").setAttribute("aria-label", `Spectrogram of point ${k} of ${last}`);
  for (const button of find("chosen").children) {
    button.setAttribute("aria-pressed", Number(button.dataset.point) === k);
  }
  root.querySelectorAll("tbody tr").forEach((row, loss) => {
    row.cells[1].textContent = designed[loss].toFixed(2);
    row.cells[2].textContent = replayed[loss].toFixed(2);
  });
  find("download").href = sound;
  find("download").download = `moss-${file.split("/").at(-1)}`;
  [...find("stops").children].forEach((stop, i) => stop.classList.toggle("moss-at", i === k));
}

function listChosen() {
  const buttons = Object.entries(value.chosen).map(([name, k]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = NAMES[name];
    button.dataset.point = k;
    button.addEventListener("click", () => goTo(k));
    return button;
  });
  find("chosen").replaceChildren(...buttons);
}

// Hands

place.addEventListener("pointerdown", () => (dragging = true));
place.addEventListener("input", slid);
// "change" comes where the pointer was let go beside the slider.
for (const name of ["pointerup", "pointercancel", "change"]) {
  place.addEventListener(name, () => {
    if (dragging) goTo(Math.round(position));
    dragging = false;
  });
}
playButton.addEventListener("click", toggle);
originalButton.addEventListener("click", toggleOriginal);
seeButton.addEventListener("click", () => {
  if (!mixer.playing) toggle();
  // What the volume does to it is for the ear alone.
  const detail = { source: mixer.fade, label: "From music to picture" };
  root.dispatchEvent(new CustomEvent("moss-see", { bubbles: true, detail }));
});
volume.addEventListener("input", () => {
  volume.setAttribute("aria-valuetext", `${volume.value} dB`);
  mixer.setVolume(Number(volume.value));
});
find("screen").addEventListener("click", (event) => {
  if (brush.kind !== null) return;
  const box = find("screen").getBoundingClientRect();
  seek((value.duration_s * (event.clientX - box.left)) / box.width);
});
// The first touch of anything starts the loading, so that Play has it at once.
root.addEventListener("pointerdown", () => mixer.open());

function toggleOriginal() {
  listen(!mixer.onOriginal);
}

const keys = {
  " ": toggle,
  o: toggleOriginal,
  a: toggleOriginal,
  ArrowRight: (event) => (event.shiftKey ? seek(mixer.time + 1) : goTo(Math.round(position) + 1)),
  ArrowLeft: (event) => (event.shiftKey ? seek(mixer.time - 1) : goTo(Math.round(position) - 1)),
};
const slidersKeys = {
  ArrowUp: keys.ArrowRight,
  ArrowDown: keys.ArrowLeft,
  Home: () => goTo(0),
  End: () => goTo(value.points.length - 1),
};

function pressed(event) {
  if (!alive() || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = event.target;
  const inside = root.contains(at);
  // Without a focus the page's keys are the player's, while it is in sight.
  const box = root.getBoundingClientRect();
  const seen = root.checkVisibility() && box.top < innerHeight && box.bottom > 0;
  if (!inside && !(at === document.body && seen)) return;
  if (at.matches("input:not(.moss-place), select")) return;
  if (event.key === " " && (at.matches("button, summary") || event.repeat)) return;
  const { key } = event;
  const act = keys[key] ?? keys[key.toLowerCase()] ?? (inside && slidersKeys[key]);
  if (!act) return;
  event.preventDefault();
  act(event);
}

document.addEventListener("keydown", pressed, { signal: life.signal });
document.addEventListener("play", () => alive() && mixer.playing && toggle(), {
  capture: true, // media events do not bubble
  signal: life.signal,
});

// Going on from here

for (const button of root.querySelectorAll("[data-toward]")) {
  button.addEventListener("click", () => {
    trigger("steer", { toward: button.dataset.toward, point: Math.round(position) });
  });
}
const [weight, any] = [root.querySelector(".moss-steer select"), find("any")];
const percent = any.querySelector("input");
weight.addEventListener("change", () => {
  any.hidden = percent.disabled = weight.value !== ""; // what is hidden must not stop the form
});
root.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const music = Number(weight.value || percent.value) / 100;
  trigger("steer", { music, point: Math.round(position) });
});

// What there is to see of it from outside.
element.mossPlayer = {
  get context() { return mixer?.context ?? null; },
  get analyser() { return mixer?.analyser ?? null; },
  get loaded() { return mixer ? mixer.voices.size : 0; },
  get position() { return position; },
  get state() { return sounding; },
};
watch("value", () => show(props.value));
watch("busy", () => {
  for (const button of root.querySelectorAll(".moss-steer button")) button.disabled = props.busy;
});
show(props.value);
