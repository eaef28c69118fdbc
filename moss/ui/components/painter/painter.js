// The painter: its tools, files and buttons around the painting. See painter.py for its value.

const root = element.querySelector(".moss-paint");
const find = (name) => root.querySelector(`.${name}`);
const painting = new Painting();
const view = new View(root, painting);
const sizes = { brush: 1, eraser: 13 };
const MAKING = "Making the sound…";
let held = "brush";
let version = 0; // of what is painted
let begun = false;

for (const scale of Object.keys(SCALES)) find("scale").add(new Option(scale));
NAMES.forEach((name, k) => find("key").add(new Option(name, k)));

// Tools

function tool() {
  return {
    erases: held === "eraser",
    size: sizes[held],
    strength: Number(find("strength").value) / 100,
    harmonics: Number(find("harmonics").value),
    pitch: find("snap-pitch").checked ? view.pitch : null,
    rhythm: find("snap-rhythm").checked ? view.rhythm : null,
  };
}

function take(name) {
  held = name;
  for (const button of root.querySelectorAll("[data-tool]")) {
    button.setAttribute("aria-pressed", button.dataset.tool === name);
  }
  find("size").value = sizes[name];
  describe();
}

function describe() {
  sizes[held] = Number(find("size").value);
  const tell = (name, text) => {
    find(name).parentElement.querySelector("output").textContent = text;
  };
  tell("size", sizes[held] === 1 ? "1 row" : `${sizes[held]} rows`);
  const strength = Number(find("strength").value);
  const decibels = (1 - strength / 100) * RANGE_NATS * 20 * Math.LOG10E;
  tell("strength", strength ? `${strength} %, ${decibels ? "−" : ""}${decibels.toFixed(0)} dB` : "0 %");
  const most = find("harmonics").value;
  tell("harmonics", most === "1" ? "none" : `up to ${most} f`);
}

function regrid() {
  view.pitch = new PitchGrid(find("scale").value, Number(find("key").value));
  const tempo = find("tempo");
  if (tempo.value && tempo.validity.valid) {
    view.rhythm = new RhythmGrid(Number(tempo.value), Number(find("division").value));
  }
  view.draw();
}

for (const button of root.querySelectorAll("[data-tool]")) {
  button.addEventListener("click", () => take(button.dataset.tool));
}
for (const name of ["size", "strength", "harmonics"]) find(name).addEventListener("input", describe);
for (const name of ["scale", "key", "tempo", "division"]) {
  find(name).addEventListener("input", regrid);
}

// A phone shows the roll first, and the grids when they are asked for.
const narrow = matchMedia("(max-width: 640px)");
const fold = () => (find("grids").open = !narrow.matches);
narrow.addEventListener("change", fold);
fold();

// What has changed

function changed(box = null) {
  if (box) view.reveal(box.left);
  version++;
  refresh();
  offerSound();
  if (painting.end && !begun) {
    begun = true;
    trigger("begun");
  }
}

function refresh() {
  const isEmpty = !painting.end;
  for (const name of ["clear", "play", "blend"]) find(name).disabled = isEmpty;
  find("undo").disabled = !painting.done.length;
  find("redo").disabled = !painting.undone.length;
  find("length").textContent = isEmpty ? "Nothing is painted yet" : `${painting.seconds} s painted`;
  view.scrollTo(view.first);
  find("first").max = view.lastFirst;
  find("first").value = view.first;
}

function retrace(step) {
  if (hand.stroke) return;
  const box = step();
  if (box) changed(box);
}

const undo = () => retrace(() => painting.undo());
const redo = () => retrace(() => painting.redo());
find("undo").addEventListener("click", undo);
find("redo").addEventListener("click", redo);
find("clear").addEventListener("click", () => {
  painting.step(() => painting.cells.fill(0));
  changed();
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !element.isConnected) return;
  const key = event.key.toLowerCase();
  const isHere = root.matches(":hover") || root.contains(document.activeElement);
  const isTyping = event.target.matches("textarea, input:not([type=range], [type=checkbox])");
  if (!isHere || isTyping || !["z", "y"].includes(key)) return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
});

const hand = new Hand(view, painting, {
  tool,
  changed,
  scrolled: refresh,
  told(cell) {
    if (!cell) return;
    const { row, column } = cell;
    const note = new PitchGrid("chromatic", 0).nearest(row).name;
    const seconds = (column / COLUMNS_PER_S).toFixed(2);
    find("told").textContent = `${note}, ${hertzOf(row).toFixed(0)} Hz, ${seconds} s`;
  },
});

// Time

function scroll(first) {
  view.scrollTo(first);
  find("first").value = view.first;
}

find("first").addEventListener("input", () => scroll(Number(find("first").value)));
find("earlier").addEventListener("click", () => scroll(view.first - view.columns / 2));
find("later").addEventListener("click", () => scroll(view.first + view.columns / 2));

// Files

function complain(sentence) {
  const place = find("moss-problem");
  place.hidden = !sentence;
  place.textContent = sentence;
}

function save(file) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

// Call `use` with each file that is picked by pressing a button.
function picked(button, input, use) {
  find(button).addEventListener("click", () => find(input).click());
  find(input).addEventListener("change", async () => {
    const [file] = find(input).files;
    find(input).value = ""; // the same file may be picked again
    if (!file) return;
    complain("");
    await use(file);
  });
}

async function load(file) {
  try {
    const { columns, values } = await readPainting(file);
    painting.step(() => {
      painting.cells.fill(0);
      painting.put({ top: 0, left: 0, rows: ROWS, columns }, values);
    });
    scroll(0);
    changed();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    complain(error.message);
  }
}

// Show a picture behind the painting: over so many seconds, or as wide as it is.
async function showBehind(url, seconds = null) {
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
  } catch {
    complain("The backdrop cannot be shown as a picture; choose another file.");
    return;
  }
  const wide = (ROWS * image.naturalWidth) / image.naturalHeight / COLUMN_ROWS;
  view.backdrop = { image, columns: seconds === null ? wide : seconds * COLUMNS_PER_S };
  find("bare").hidden = false;
  view.draw();
}

picked("load", "painting-file", load);
let asked = 0; // questions to Python
let tracing = null; // the number of the question for a track's picture that is still wanted

function trace(number) {
  tracing = number;
  find("backdrop").textContent = number === null ? "Backdrop" : "Drawing the track…";
}

// A picture stays in the browser; what else sounds, Python knows.
picked("backdrop", "backdrop-file", async (file) => {
  if (file.type.startsWith("image/")) {
    trace(null);
    const url = URL.createObjectURL(file);
    await showBehind(url);
    URL.revokeObjectURL(url);
    return;
  }
  const number = ++asked;
  trace(number);
  const path = await uploaded(file, "track");
  if (tracing !== number) return; // another one was picked
  if (path === null) trace(null);
  else trigger("track", { path, asked: number });
});
find("bare").addEventListener("click", () => {
  trace(null);
  view.backdrop = null;
  find("bare").hidden = true;
  find("backdrop").focus();
  view.draw();
});
find("save-npy").addEventListener("click", () => save(npyFile(painting.pixels())));
find("save-png").addEventListener("click", async () => save(await pngFile(painting.pixels())));

// Sound and picture

async function uploaded(file, what = "painting") {
  try {
    return (await upload(file)).path;
  } catch {
    complain(`The ${what} could not be sent; try again in a moment.`);
    return null;
  }
}

const listening = new Listening(root.querySelector("audio"), {
  number: () => ++asked,
  async ask(number) {
    complain("");
    const path = await uploaded(npyFile(painting.pixels()));
    if (path === null) listening.stop();
    else trigger("play", { path, asked: number });
  },
  seen(seconds, state) {
    view.playAt(seconds);
    if (state === root.dataset.state) return;
    root.dataset.state = state;
    find("stop").disabled = state === "idle";
    find("doing").textContent = state === "making" ? MAKING : "";
    offerSound();
  },
});

// What is there of a sound is that of the painting, not of what it was.
function offerSound() {
  for (const name of ["moss-see", "save-wav"]) find(name).hidden = listening.version !== version;
  find("save-wav").href = listening.audio.src;
}

find("play").addEventListener("click", () => listening.play(version));
find("stop").addEventListener("click", () => listening.stop());
find("blend").addEventListener("click", async () => {
  complain("");
  const path = await uploaded(await pngFile(painting.pixels()));
  if (path !== null) trigger("blend", { path });
});

function answer() {
  const told = props.value ? JSON.parse(props.value) : {};
  const { asked: number, backdrop, problem, sound } = told;
  if (!number || ![tracing, listening.asked].includes(number)) return; // it is wanted no longer
  if (problem) complain(problem);
  if (number === tracing) {
    trace(null);
    if (backdrop) showBehind(backdrop.url, backdrop.seconds);
  } else if (problem) {
    listening.stop();
  } else if (sound) {
    listening.take(number, sound);
  } else {
    find("doing").textContent = told.waiting ?? MAKING;
  }
}

watch("value", answer);
take("brush");
regrid();
refresh();
answer();
