// "See it": any sound of the page in a live view of its own, at the foot of the screen.
//
// A tab that plays something needs one of two things, at any time and anywhere on the page:
//
// - A <button type="button" class="moss-see">. It shows, and plays, the <audio> or <video> in the
//   nearest element around it that has one. It is told apart by the player's aria-label, or by
//   its own data-label; what goes up to 22 kHz says so as data-high-hz="22050".
// - An event of its own that bubbles, from what has its sound in Web Audio:
//   new CustomEvent("moss-see", {bubbles: true, detail: {source, label}}), where `source` is an
//   AudioNode, of any context, or an <audio> or <video>.

export class Drawer {
  constructor(view) {
    this.view = view;
    this.root = view.root;
    this.opener = null; // where the focus goes back to
    this.root.popover = "manual"; // It lies above everything, and the page can still be used.
    const { signal } = view.life;
    document.addEventListener("click", (event) => this.clicked(event), { signal });
    document.addEventListener("moss-see", ({ detail }) => this.open(detail.source, detail.label),
      { signal });
    document.addEventListener("keydown", (event) => {
      const isFree = !event.defaultPrevented && event.key === "Escape";
      if (isFree && this.root.matches(":popover-open")) this.close();
    }, { signal });
    view.find("close").addEventListener("click", () => this.close());
  }

  open(sound, label, topHz) {
    const { root, view } = this;
    view.controls.setTop(topHz);
    if (!root.matches(":popover-open")) {
      this.opener = document.activeElement;
      root.showPopover();
    }
    if (sound instanceof AudioNode) view.seeNode(sound, label);
    else view.seeMedia(sound, label);
  }

  close() {
    const hasFocus = this.root.contains(document.activeElement);
    this.view.close();
    this.root.hidePopover();
    if (hasFocus) this.opener?.focus();
  }

  clicked({ target }) {
    const button = target.closest?.("button.moss-see");
    let around = button?.parentElement;
    while (around && !around.querySelector("audio, video")) around = around.parentElement;
    const media = around?.querySelector("audio, video");
    if (!media) return;
    const { label, highHz } = button.dataset;
    this.open(media, label ?? media.getAttribute("aria-label") ?? "", highHz);
    media.play().catch(() => {}); // its own controls say what is wrong
  }
}
