// A file may be dropped anywhere on the page: it finds its well, also where that well is full.

(() => {
  const WELLS = [
    [/^image\//, "#moss-picture"],
    [/^image\//, "#moss-sonify-picture"],
    [/^image\//, "#moss-sonify-slideshow"],
    [/^(audio|video)\//, "#moss-track"],
    [/^video\//, "#moss-sonify-video"],
    [/^(application\/octet-stream)?$/, "#moss-sonify-array"],
    [/json$/, "#moss-again"],
  ];

  // Where Gradio takes a drop itself it has said so already.
  addEventListener("dragover", (event) => {
    if ([...event.dataTransfer.types].includes("Files")) event.preventDefault();
  });

  addEventListener("drop", async (event) => {
    const file = event.dataTransfer.files[0];
    if (event.defaultPrevented || !file) return;
    event.preventDefault(); // the browser would leave the page for the file
    for (const [type, selector] of WELLS) {
      const well = document.querySelector(selector);
      if (type.test(file.type) && inSight(well)) return put(well, file);
    }
  });

  // Of the tab that is open, also within what is folded.
  function inSight(well) {
    return well && [...document.querySelectorAll("[role=tabpanel]")].every(
      (panel) => !panel.contains(well) || panel.checkVisibility(),
    );
  }

  async function put(well, file) {
    well.querySelector("[aria-label='Clear'], [aria-label='Remove Image']")?.click();
    const input = await emptied(well);
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function emptied(well) {
    return new Promise((resolve) => {
      const look = () => {
        const input = well.querySelector("input[type=file]");
        if (!input) return;
        watcher.disconnect();
        resolve(input);
      };
      const watcher = new MutationObserver(look);
      watcher.observe(well, { childList: true, subtree: true });
      look();
    });
  }
})();
