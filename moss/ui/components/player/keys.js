// The keys of the player: those of the page while it is in sight, and more within it.

const SEEK_S = 1; // how far an arrow with Shift leads

// Return a listener to keys anywhere on the page. `isAlive` returns whether the player is shown.
export function keyListener(root, player, isAlive) {
  const move = (by) => (event) => {
    if (event.shiftKey) player.seek(player.mixer.time + by * SEEK_S);
    else player.goTo(Math.round(player.position) + by);
  };
  const keys = {
    " ": () => player.toggle(),
    o: () => player.toggleOriginal(),
    a: () => player.toggleOriginal(),
    ArrowRight: move(1),
    ArrowLeft: move(-1),
  };
  const innerKeys = {
    ArrowUp: keys.ArrowRight,
    ArrowDown: keys.ArrowLeft,
    Home: () => player.goTo(0),
    End: () => player.goTo(player.last),
  };
  return (event) => {
    if (!isAlive() || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    const isInside = root.contains(target);
    // Without a focus the page's keys are the player's, while it is in sight.
    if (!isInside && !(target === document.body && isInSight(root))) return;
    if (target.matches("input:not(.moss-place), select")) return;
    if (key === " " && (target.matches("button, summary") || event.repeat)) return;
    const act = keys[key] ?? keys[key.toLowerCase()] ?? (isInside && innerKeys[key]);
    if (!act) return;
    event.preventDefault();
    act(event);
  };
}

function isInSight(root) {
  const box = root.getBoundingClientRect();
  return root.checkVisibility() && box.top < innerHeight && box.bottom > 0;
}
