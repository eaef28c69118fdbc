// A file may be dropped anywhere on the page: it finds its well, also where that well is full.

// The kinds of files that each well takes, in the order in which the wells are tried.
const WELLS = [
  [/^image\//, "#moss-picture"],
  [/^image\//, "#moss-sonify-picture"],
  [/^image\//, "#moss-sonify-slideshow"],
  [/^(audio|video)\//, "#moss-track"],
  [/^video\//, "#moss-sonify-video"],
  [/^(application\/octet-stream)?$/, "#moss-sonify-array"],
  [/json$/, "#moss-again"],
];

export function mount() {
  // Where Gradio takes a drop itself it has prevented the default already.
  addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
  });

  addEventListener("drop", (event) => {
    const file = event.dataTransfer.files[0];
    if (event.defaultPrevented || !file) return;
    event.preventDefault(); // the browser would leave the page for the file
    const well = wellsFor(file.type).map((name) => document.querySelector(name)).find(isInSight);
    if (well) put(well, file);
  });
}

// Return the selectors of the wells that take a file of this type.
export function wellsFor(type) {
  return WELLS.filter(([pattern]) => pattern.test(type)).map(([, selector]) => selector);
}

// A well is in sight on the tab that is open, also within what is folded.
function isInSight(well) {
  return well && [...document.querySelectorAll("[role=tabpanel]")].every(
    (panel) => !panel.contains(well) || panel.checkVisibility(),
  );
}

async function put(well, file) {
  well.querySelector("[aria-label='Clear'], [aria-label='Remove Image']")?.click();
  const input = await emptyInput(well);
  const files = new DataTransfer();
  files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// The input of a well, as soon as the well is empty.
function emptyInput(well) {
  return new Promise((resolve) => {
    const find = () => well.querySelector("input[type=file]");
    if (find()) {
      resolve(find());
      return;
    }
    const watcher = new MutationObserver(() => {
      if (!find()) return;
      watcher.disconnect();
      resolve(find());
    });
    watcher.observe(well, { childList: true, subtree: true });
  });
}
