// The live view: one source, the frames while it sounds, and the controls.

const root = element.querySelector(".moss-live");
const find = (name) => root.querySelector(`.${name}`);
const canvas = root.querySelector("canvas");
const controls = Object.fromEntries(
  [...root.querySelectorAll("[name]")].map((control) => [control.name, control]));
const UNITS = { speed: "px/s", gain: "dB", range: "dB" };
const GONE = "That sound is gone; choose another.";
const UNPLAYABLE = "The browser cannot play this file; WAV, FLAC, MP3, OGG and M4A work.";
const life = new AbortController(); // ends the listeners outside of this component

const picture = new Picture(canvas, mapsOf(props.value));
let source = null; // {node, label, sounds(), end()}, a microphone with reopen()
let analyser = null;
let paused = false;
let request = 0; // of the next frame, while there is one
let opening = 0; // counts what is opened, so that what comes late is told apart
// When, by the context's time, the picture began, stops left out; and its latest second.
let clock = { started: 0, drawn: 0 };

function mapsOf(value) {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return Object.fromEntries(Object.entries(JSON.parse(value)).map(([n, t]) => [n, bytes(t)]));
}

// The source

function see(next) {
  leave();
  source = next;
  paused = false;
  say("");
  analyser = new AnalyserNode(source.node.context, {
    minDecibels: FLOOR_DB,
    maxDecibels: TONE_DB,
    smoothingTimeConstant: 0,
  });
  source.node.connect(analyser);
  source.node.context.addEventListener("statechange", contextChanged);
  find("label").textContent = source.label;
  clock = { started: 0, drawn: 0 };
  picture.frames = [];
  set();
  settle();
}

function leave() {
  opening++;
  if (!source) return;
  stop();
  source.node.context.removeEventListener("statechange", contextChanged);
  source.node.disconnect(analyser);
  source.end();
  source = analyser = null;
  settle();
}

// A player's context ends with its result.
function contextChanged() {
  if (source.node.context.state === "closed") {
    say(GONE);
    leave();
  }
  settle();
}

function seeMedia(media, label) {
  const node = soundOf(media);
  const changes = ["play", "playing", "pause", "ended", "emptied"];
  for (const name of changes) media.addEventListener(name, settle);
  see({
    node,
    label,
    sounds: () => !media.paused && !media.ended,
    end: () => changes.forEach((name) => media.removeEventListener(name, settle)),
  });
}

function seeNode(node, label) {
  see({ node, label, sounds: () => node.context.state === "running", end() {} });
}

async function seeMicrophone(deviceId) {
  leave();
  say("");
  const turn = opening;
  try {
    const { stream, node } = await openMicrophone(deviceId);
    const end = () => stream.getTracks().forEach((track) => track.stop());
    if (turn !== opening) return end();
    const [track] = stream.getTracks();
    track.addEventListener("ended", () => source?.node === node && (say(GONE), leave()));
    const { deviceId: opened } = track.getSettings();
    const reopen = () => seeMicrophone(opened);
    see({ node, label: "Listening", sounds: () => true, end, reopen });
    await listDevices(opened);
  } catch (problem) {
    if (turn === opening) say(problem);
  }
}

async function listDevices(chosen) {
  const select = find("device").querySelector("select");
  const options = (await microphones())
    .map(({ deviceId, label }) => new Option(label, deviceId, false, deviceId === chosen));
  select.replaceChildren(...options);
  find("device").hidden = options.length === 0;
}

function seeFile(file) {
  const playback = find("playback");
  URL.revokeObjectURL(playback.src);
  playback.src = URL.createObjectURL(file);
  playback.hidden = false;
  seeMedia(playback, file.name);
  playback.play().catch(() => {}); // the error's own event says what is wrong
}

function say(problem) {
  find("problem").textContent = problem;
}

// Frames, only while there is something to see

function settle() {
  const hidden = document.hidden || !canvas.checkVisibility();
  // To open it again is for a person to ask: the browser may want to be asked first.
  if (hidden && source?.reopen && !paused) return pause(true);
  const going = Boolean(source && !paused && !hidden && source.sounds());
  if (going && !request) begin();
  if (!going) stop();
  root.dataset.state = going ? "running" : paused ? "paused" : source ? "silent" : "empty";
  find("pause").disabled = !source;
  find("pause").textContent = paused ? "Go on" : "Pause";
  find("save").disabled = !picture.frames.length;
}

function begin() {
  clock.started = source.node.context.currentTime - clock.drawn;
  request = requestAnimationFrame(frame);
}

function stop() {
  cancelAnimationFrame(request);
  request = 0;
}

// Time is the sound's own clock, so that columns are as long as they say at any frame rate.
function frame() {
  if (!element.isConnected) return close();
  request = requestAnimationFrame(frame);
  const time = source.node.context.currentTime - clock.started;
  if (time <= clock.drawn) return; // nothing new has sounded since
  clock.drawn = time;
  const levels = new Uint8Array(analyser.frequencyBinCount);
  analyser.getByteFrequencyData(levels);
  picture.add(time, levels);
  root.dataset.frames = Number(root.dataset.frames) + 1;
  root.dataset.seconds = time;
  find("save").disabled = false;
}

function pause(on) {
  paused = on;
  if (source?.reopen) {
    if (!on) return source.reopen();
    source.end();
  }
  settle();
}

// Gradio tells nobody when it takes a component off the page.
function close() {
  leave();
  find("playback").pause();
  if (!element.isConnected) life.abort();
}

// How it is drawn

function set() {
  for (const [name, unit] of Object.entries(UNITS)) {
    controls[name].previousElementSibling.textContent = `${controls[name].value} ${unit}`;
    controls[name].setAttribute("aria-valuetext", `${controls[name].value} ${unit}`);
  }
  const { clientWidth: width, clientHeight: height } = canvas;
  if (!width) return;
  const size = [width, height].map((side) => Math.round(side * devicePixelRatio));
  if (canvas.width !== size[0] || canvas.height !== size[1]) [canvas.width, canvas.height] = size;
  const axis = new Axis(controls.axis.value, Number(controls.high.value));
  const bins = Number(controls.window.value) / 2;
  if (analyser) analyser.fftSize = 2 * bins;
  const perPixel = width / (Number(controls.speed.value) * canvas.width);
  picture.set({
    axis,
    bins,
    hertzPerBin: (source?.node.context.sampleRate ?? 48000) / (2 * bins),
    speed: 1 / perPixel,
    gain: Number(controls.gain.value),
    range: Number(controls.range.value),
    colours: controls.colours.value,
  });
  Object.assign(root.dataset, {
    axis: axis.kind, lowHz: axis.low, highHz: axis.high, secondsPerPixel: perPixel,
  });
  mark("hertz", "bottom", axis.ticks(height).map(([hertz, text]) => [axis.height(hertz), text]));
  mark("notes", "bottom", axis.notes(height).map(([hertz, text]) => [axis.height(hertz), text]));
  markSeconds(width, Number(controls.speed.value));
}

function mark(name, edge, marks) {
  find(name).replaceChildren(...marks.map(([share, text]) => {
    const label = document.createElement("span");
    label.textContent = text;
    label.style[edge] = `${100 * share}%`;
    return label;
  }));
}

function markSeconds(width, speed) {
  const step = [0.2, 0.5, 1, 2, 5, 10].find((seconds) => seconds * speed >= 70);
  const marks = [[0, "now"]];
  for (let ago = step; ago * speed < width - 20; ago += step) {
    marks.push([(ago * speed) / width, `−${Number(ago.toFixed(1))} s`]);
  }
  mark("seconds", "right", marks);
}

// Hands

for (const name of Object.keys(picture.maps)) controls.colours.append(new Option(name));
for (const control of Object.values(controls)) control.addEventListener("input", set);
find("microphone").addEventListener("click", () => seeMicrophone());
find("device").addEventListener("input", (event) => seeMicrophone(event.target.value));
find("file").addEventListener("input", (event) => {
  const [file] = event.target.files;
  event.target.value = ""; // so that the same file can be chosen again
  if (file) seeFile(file);
});
find("playback").addEventListener("error", () => {
  find("playback").hidden = true;
  leave();
  say(UNPLAYABLE);
});
find("pause").addEventListener("click", () => pause(!paused));
find("save").addEventListener("click", () => canvas.toBlob((blob) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "moss-live.png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}));
root.addEventListener("dragover", (event) => event.preventDefault());
root.addEventListener("drop", (event) => {
  event.preventDefault();
  const [file] = event.dataTransfer.files;
  if (file) seeFile(file);
});
document.addEventListener("visibilitychange", settle, { signal: life.signal });
new ResizeObserver(set).observe(canvas);
new IntersectionObserver(settle).observe(canvas); // another tab of the page hides this one
