// One sound of the page plays at a time, the film included.

export function mount() {
  // A component that is made anew must not add a second listener.
  window.mossOneAtATime ??= listen();
}

function listen() {
  document.addEventListener("play", ({ target }) => {
    for (const media of document.querySelectorAll("audio, video")) {
      if (media !== target) media.pause();
    }
  }, true);
  return true;
}
