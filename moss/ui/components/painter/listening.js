// From the painting to its sound: the file goes to the server, the sound comes back and plays.

export class Listening {
  // `newNumber` returns one that nothing else was asked under; `ask` uploads the painting and asks
  // for its sound under a number; `onState` is called with the time that sounds, or null, and with
  // the state: "idle", "making" or "playing".
  constructor(audio, { newNumber, ask, onState }) {
    Object.assign(this, { audio, newNumber, ask, onState });
    this.asked = null; // the number of the question that is still to be answered
    this.version = null; // the version of the painting that the sound is of
    audio.addEventListener("playing", () => this.run());
    audio.addEventListener("ended", () => this.stop());
    audio.addEventListener("pause", () => this.state === "playing" && this.stop());
    // One sound at a time on the page: whatever else begins silences this.
    document.addEventListener("play", (event) => event.target !== audio && audio.pause(), {
      capture: true,
    });
  }

  async play(version) {
    this.stop();
    if (version === this.version) {
      this.start();
      return;
    }
    this.wanted = version;
    this.tell(null, "making");
    this.asked = this.newNumber();
    await this.ask(this.asked);
  }

  // The sound that was asked for as `asked` has come; others are no longer wanted.
  take(asked, url) {
    if (asked !== this.asked) return;
    this.version = this.wanted;
    this.audio.src = url;
    this.start();
  }

  start() {
    this.audio.currentTime = 0;
    this.audio.play().catch(() => this.stop()); // Stop was pressed before the sound had begun.
  }

  stop() {
    this.asked = null;
    cancelAnimationFrame(this.frame);
    this.tell(null, "idle"); // before the audio tells that it has paused
    this.audio.pause();
  }

  run() {
    cancelAnimationFrame(this.frame);
    const step = () => {
      this.tell(this.audio.currentTime, "playing");
      this.frame = requestAnimationFrame(step);
    };
    step();
  }

  tell(seconds, state) {
    this.state = state;
    this.onState(seconds, state);
  }
}
