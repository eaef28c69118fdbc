// The live view: one source of sound, and the frames while it sounds.

import { finder } from "../finder.js";
import { Controls } from "./controls.js";
import { Drawer } from "./drawer.js";
import { FLOOR_DB, mapsOf, Picture, TONE_DB } from "./picture.js";
import { microphones, openMicrophone, soundOf } from "./sources.js";

const GONE = "That sound is gone; choose another.";
const UNPLAYABLE = "The browser cannot play this file; WAV, FLAC, MP3, OGG and M4A work.";
const IN_PAGE = "Press Microphone, or drop a sound here.";
const IN_DRAWER = "Press play to see it.";
const MEDIA_EVENTS = ["play", "playing", "pause", "ended", "emptied"];
const KEEP_URL_MS = 1000; // by then the download has begun

export function mount({ element, props }) {
  const view = new LiveView(element, props);
  const { controls, find, root } = view;
  root.hidden = false;
  root.classList.toggle("drawer", props.drawer);
  find("settings").open = !props.drawer;
  find("invitation").textContent = props.drawer ? IN_DRAWER : IN_PAGE;
  if (props.drawer) new Drawer(view);
  // Ten seconds are in sight on a phone too.
  const { speed } = controls.inputs;
  if (matchMedia("(max-width: 640px)").matches) speed.value = speed.min;
  controls.apply();
}

class LiveView {
  constructor(element, props) {
    this.element = element;
    this.root = element.querySelector(".moss-live");
    this.find = finder(this.root);
    this.canvas = this.root.querySelector("canvas");
    this.life = new AbortController(); // ends the listeners outside of this component
    this.picture = new Picture(this.canvas, mapsOf(props.value));
    this.source = null; // {node, label, sounds(), end()}; a microphone has reopen(), too
    this.analyser = null;
    this.isPaused = false;
    this.request = 0; // the request of the next frame, or 0
    this.openings = 0; // They are counted so that a microphone that opens late is let go.
    // The context's time when the picture began, moved on by every stop, and its latest second.
    this.clock = { started: 0, drawn: 0 };
    this.settle = () => this.update();
    this.onContextChange = () => this.contextChanged();
    this.controls = new Controls(this.root, this.picture, {
      tops: props.tops_hz,
      usualTop: props.usual_top_hz,
      source: () => this.source && {
        rate: this.source.node.context.sampleRate,
        analyser: this.analyser,
      },
    });
    this.listen();
  }

  listen() {
    const { canvas, find, root } = this;
    find("microphone").addEventListener("click", () => this.seeMicrophone());
    find("device").addEventListener("input", (event) => this.seeMicrophone(event.target.value));
    find("file").addEventListener("input", (event) => {
      const [file] = event.target.files;
      event.target.value = ""; // so that the same file can be chosen again
      if (file) this.seeFile(file);
    });
    find("playback").addEventListener("error", () => {
      find("playback").hidden = true;
      this.leave();
      this.say(UNPLAYABLE);
    });
    find("pause").addEventListener("click", () => this.pause(!this.isPaused));
    find("save").addEventListener("click", () => canvas.toBlob(savePicture));
    root.addEventListener("dragover", (event) => event.preventDefault());
    root.addEventListener("drop", (event) => {
      event.preventDefault();
      const [file] = event.dataTransfer.files;
      if (file) this.seeFile(file);
    });
    document.addEventListener("visibilitychange", this.settle, { signal: this.life.signal });
    new IntersectionObserver(this.settle).observe(canvas); // sees other tabs hide it
  }

  // The source

  see(next) {
    this.leave();
    this.source = next;
    this.isPaused = false;
    this.say("");
    const { context } = next.node;
    this.analyser = new AnalyserNode(context, {
      minDecibels: FLOOR_DB,
      maxDecibels: TONE_DB,
      smoothingTimeConstant: 0,
    });
    next.node.connect(this.analyser);
    context.addEventListener("statechange", this.onContextChange);
    this.find("label").textContent = next.label;
    this.clock = { started: 0, drawn: 0 };
    this.picture.frames = [];
    this.controls.apply();
    this.update();
  }

  leave() {
    this.openings++;
    const { source } = this;
    if (!source) return;
    this.stop();
    source.node.context.removeEventListener("statechange", this.onContextChange);
    source.node.disconnect(this.analyser);
    source.end();
    this.source = this.analyser = null;
    this.update();
  }

  // A player's context ends with its result.
  contextChanged() {
    if (this.source.node.context.state === "closed") {
      this.say(GONE);
      this.leave();
    }
    this.update();
  }

  seeMedia(media, label) {
    const { settle } = this;
    const node = soundOf(media);
    this.leave(); // Its listeners go first: they may be those of the same media.
    for (const name of MEDIA_EVENTS) media.addEventListener(name, settle);
    this.see({
      node,
      label,
      sounds: () => !media.paused && !media.ended,
      end: () => MEDIA_EVENTS.forEach((name) => media.removeEventListener(name, settle)),
    });
  }

  seeNode(node, label) {
    this.see({ node, label, sounds: () => node.context.state === "running", end() {} });
  }

  async seeMicrophone(deviceId) {
    this.leave();
    this.say("");
    const turn = this.openings;
    try {
      const { stream, node } = await openMicrophone(deviceId);
      const end = () => stream.getTracks().forEach((track) => track.stop());
      if (turn !== this.openings) {
        end();
        return;
      }
      const [track] = stream.getTracks();
      track.addEventListener("ended", () => {
        if (this.source?.node !== node) return;
        this.say(GONE);
        this.leave();
      });
      const { deviceId: opened } = track.getSettings();
      const reopen = () => this.seeMicrophone(opened);
      this.see({ node, label: "Listening", sounds: () => true, end, reopen });
      await this.listDevices(opened);
    } catch (problem) {
      if (turn === this.openings) this.say(problem);
    }
  }

  async listDevices(chosen) {
    const device = this.find("device");
    const options = (await microphones())
      .map(({ deviceId, label }) => new Option(label, deviceId, false, deviceId === chosen));
    device.querySelector("select").replaceChildren(...options);
    device.hidden = options.length === 0;
  }

  seeFile(file) {
    const playback = this.find("playback");
    URL.revokeObjectURL(playback.src);
    playback.src = URL.createObjectURL(file);
    playback.hidden = false;
    this.seeMedia(playback, file.name);
    playback.play().catch(() => {}); // The error's own event says what is wrong.
  }

  say(problem) {
    this.find("problem").textContent = problem;
  }

  // Frames, only while there is something to see

  update() {
    const { canvas, find, isPaused, picture, root, source } = this;
    const isHidden = document.hidden || !canvas.checkVisibility();
    // To open it again is for a person to ask: the browser may want to be asked first.
    if (isHidden && source?.reopen && !isPaused) {
      this.pause(true);
      return;
    }
    const isRunning = Boolean(source && !isPaused && !isHidden && source.sounds());
    if (isRunning && !this.request) this.begin();
    if (!isRunning) this.stop();
    root.dataset.state = stateOf({ isRunning, isPaused, source });
    find("pause").disabled = !source;
    find("pause").textContent = isPaused ? "Go on" : "Pause";
    find("save").disabled = !picture.frames.length;
  }

  begin() {
    this.clock.started = this.source.node.context.currentTime - this.clock.drawn;
    this.request = requestAnimationFrame(() => this.frame());
  }

  stop() {
    cancelAnimationFrame(this.request);
    this.request = 0;
  }

  // Time is the sound's own clock, so that columns are as long as they say at any frame rate.
  frame() {
    if (!this.element.isConnected) {
      this.close();
      return;
    }
    this.request = requestAnimationFrame(() => this.frame());
    const { analyser, clock, root } = this;
    const time = this.source.node.context.currentTime - clock.started;
    if (time <= clock.drawn) return; // nothing new has sounded since
    clock.drawn = time;
    const levels = new Uint8Array(analyser.frequencyBinCount);
    analyser.getByteFrequencyData(levels);
    this.picture.add(time, levels);
    root.dataset.frames = Number(root.dataset.frames) + 1;
    root.dataset.seconds = time;
    this.find("save").disabled = false;
  }

  pause(on) {
    this.isPaused = on;
    const { source } = this;
    if (source?.reopen) {
      if (!on) {
        source.reopen();
        return;
      }
      source.end();
    }
    this.update();
  }

  // Gradio tells nobody when it takes a component off the page.
  close() {
    this.leave();
    this.find("playback").pause();
    if (!this.element.isConnected) this.life.abort();
  }
}

function stateOf({ isRunning, isPaused, source }) {
  if (isRunning) return "running";
  if (isPaused) return "paused";
  return source ? "silent" : "empty";
}

function savePicture(blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "moss-live.png";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEEP_URL_MS);
}
