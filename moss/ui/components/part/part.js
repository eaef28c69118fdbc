// The chosen part on its waveform. The value is made by part_value in part.py.

const SHORTEST_S = 0.1;
const STEPS_S = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
const SLOP = 4; // pixels that a finger or a mouse may move while it presses
const PAUSE_MS = 300; // after the last key, before the part is told

const root = element.querySelector(".moss-part");
const strip = root.querySelector(".strip");
const pane = root.querySelector(".window");
const readout = root.querySelector(".readout");
const startInput = root.querySelector("input.start");
const lengthInput = root.querySelector("input.length");

let track = null; // the value, parsed
let start = 0;
let length = 0;
let drag = null; // {kind, x, start, length, before, moved} while a pointer is down
let pause = 0; // a timer while keys are being pressed

const clamp = (x, low, high) => Math.max(low, Math.min(x, high));
const tenths = (x) => Math.round(10 * x) / 10;

function clock(seconds, digits) {
  const whole = digits ? tenths(seconds) : Math.round(seconds);
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 4 : 2, "0");
  return `${Math.floor(whole / 60)}:${rest}`;
}

const longest = () => Math.min(track.max_part_s, track.duration_s);

function place(newStart, newLength) {
  length = clamp(newLength, Math.min(SHORTEST_S, track.duration_s), longest());
  start = clamp(newStart, 0, track.duration_s - length);
  draw();
}

function draw() {
  const end = start + length;
  const percent = (seconds) => (100 * seconds) / track.duration_s;
  pane.style.left = `${percent(start)}%`;
  pane.style.width = `${percent(length)}%`;
  root.querySelector(".chosen").style.clipPath =
    `inset(0 ${100 - percent(end)}% 0 ${percent(start)}%)`;

  const whole = clock(track.duration_s, 0);
  const digits = [start, length].every((x) => Number.isInteger(tenths(x))) ? 0 : 1;
  readout.textContent =
    `${clock(start, digits)} – ${clock(end, digits)} of ${whole} (${length.toFixed(digits)} s)`;
  const told = `from ${clock(start, 1)} to ${clock(end, 1)} of ${whole}`;
  for (const [input, value, max] of [
    [startInput, start, track.duration_s - length],
    [lengthInput, length, longest()],
  ]) {
    input.max = max;
    input.value = value;
    input.setAttribute("aria-valuetext", told);
  }
}

function drawWave(peaks) {
  // Quiet tracks are drawn as tall as loud ones: it is the shape that shows where one is.
  const scale = 0.92 / Math.max(...peaks, 1e-6);
  const bars = peaks.map((peak, k) => {
    const half = Math.max(scale * peak, 0.015);
    return `M${k} ${1 - half}h1v${2 * half}h-1z`;
  });
  for (const svg of root.querySelectorAll(".wave")) {
    svg.setAttribute("viewBox", `0 0 ${peaks.length} 2`);
    svg.firstElementChild.setAttribute("d", bars.join(""));
  }
}

function take() {
  const told = props.value ? JSON.parse(props.value) : null;
  root.hidden = !told;
  const other = JSON.stringify(told?.peaks) !== JSON.stringify(track?.peaks);
  track = told;
  if (!told) return;
  if (other) {
    drawWave(told.peaks);
    drag = null;
  }
  // An answer to an earlier move must not snatch the part from the hand that moves it.
  if (drag || pause) return;
  const from = clamp(told.start_s, 0, Math.max(0, told.duration_s - SHORTEST_S));
  place(from, Math.min(told.part_s, told.duration_s - from));
}

function tell() {
  clearTimeout(pause);
  pause = 0;
  const part = { start_s: Number(start.toFixed(3)), part_s: Number(length.toFixed(3)) };
  props.value = JSON.stringify({ ...track, ...part });
  trigger("part", part);
}

function tellLater() {
  clearTimeout(pause);
  pause = setTimeout(tell, PAUSE_MS);
}

// Pointers

const secondsAt = (x) => {
  const box = strip.getBoundingClientRect();
  return (track.duration_s * (x - box.left)) / box.width;
};

function follow(x) {
  const by = secondsAt(x) - secondsAt(drag.x);
  const end = drag.start + drag.length;
  if (drag.kind === "start") {
    const from = clamp(tenths(drag.start + by), Math.max(0, end - longest()), end - SHORTEST_S);
    place(from, end - from);
  } else if (drag.kind === "end") {
    const to = clamp(tenths(end + by), drag.start + SHORTEST_S, track.duration_s);
    place(drag.start, Math.min(to - drag.start, longest()));
  } else {
    place(tenths(drag.start + by), drag.length);
  }
}

function putAt(x) {
  place(tenths(secondsAt(x) - length / 2), length);
  [drag.start, drag.x] = [start, x];
}

strip.addEventListener("pointerdown", (event) => {
  if (!track || event.button || !event.isPrimary) return;
  const kind = event.target.dataset.edge ?? (pane.contains(event.target) ? "move" : "put");
  drag = { kind, x: event.clientX, start, length, before: [start, length], moved: false };
  strip.setPointerCapture(event.pointerId);
  (kind === "end" ? lengthInput : startInput).focus({ preventScroll: true });
  event.preventDefault();
});

strip.addEventListener("pointermove", (event) => {
  if (!drag || (!drag.moved && Math.abs(event.clientX - drag.x) < SLOP)) return;
  if (!drag.moved && drag.kind === "put") putAt(event.clientX);
  drag.moved = true;
  follow(event.clientX);
});

strip.addEventListener("pointerup", (event) => {
  if (!drag) return;
  if (!drag.moved && drag.kind === "put") putAt(event.clientX);
  const [oldStart, oldLength] = drag.before;
  drag = null;
  if (start !== oldStart || length !== oldLength) tell();
});

// The page is being scrolled by a finger that happens to lie here.
strip.addEventListener("pointercancel", () => {
  if (!drag) return;
  const before = drag.before;
  drag = null;
  place(...before);
});

// Keys, and what screen readers do to a range

function setBy(input, value) {
  if (input === startInput) place(value, length);
  else place(start, Math.min(value, track.duration_s - start));
  tellLater();
}

for (const input of [startInput, lengthInput]) {
  input.addEventListener("input", () => setBy(input, Number(input.value)));
  input.addEventListener("keydown", (event) => {
    const now = input === startInput ? start : length;
    const step = STEPS_S[event.key];
    let value;
    if (step) value = tenths(now + (event.shiftKey ? step / 10 : step));
    else if (event.key === "Home") value = 0;
    else if (event.key === "End") value = Infinity;
    else return;
    event.preventDefault();
    setBy(input, value);
  });
}

watch("value", take);
take();
