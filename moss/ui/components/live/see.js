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

const inPage = !props.drawer;
let opener = null; // where the focus goes back to

root.hidden = false;
root.classList.toggle("drawer", !inPage);
find("settings").open = inPage;
find("invitation").textContent =
  inPage ? "Press Microphone, or drop a sound here." : "Press play to see it.";
if (!inPage) root.popover = "manual"; // above everything, and the page can still be used

function openFor(sound, label, highHz) {
  controls.high.value = highHz ?? controls.high.querySelector("[selected]").value;
  set();
  if (!root.matches(":popover-open")) {
    opener = document.activeElement;
    root.showPopover();
  }
  if (sound instanceof AudioNode) seeNode(sound, label);
  else seeMedia(sound, label);
}

function closeDrawer() {
  const held = root.contains(document.activeElement);
  close();
  root.hidePopover();
  if (held) opener?.focus();
}

function clicked({ target }) {
  const button = target.closest?.("button.moss-see");
  let around = button?.parentElement;
  while (around && !around.querySelector("audio, video")) around = around.parentElement;
  const media = around?.querySelector("audio, video");
  if (!media) return;
  const { label, highHz } = button.dataset;
  openFor(media, label ?? media.getAttribute("aria-label") ?? "", highHz);
  media.play().catch(() => {}); // its own controls say what is wrong
}

if (!inPage) {
  const { signal } = life;
  document.addEventListener("click", clicked, { signal });
  document.addEventListener("moss-see", ({ detail }) => openFor(detail.source, detail.label),
    { signal });
  document.addEventListener("keydown", (event) => {
    const free = !event.defaultPrevented && event.key === "Escape";
    if (free && root.matches(":popover-open")) closeDrawer();
  }, { signal });
  find("close").addEventListener("click", closeDrawer);
}
// Ten seconds are in sight on a phone too.
if (matchMedia("(max-width: 640px)").matches) controls.speed.value = controls.speed.min;
set();
