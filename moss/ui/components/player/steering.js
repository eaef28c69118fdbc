// Going on from the point where the slider is: the buttons and the form of a steered run.

export class Steering {
  // `steer` is called with {toward} or {music} when a person asks for it.
  constructor(root, steer) {
    this.buttons = root.querySelectorAll(".moss-steer button");
    for (const button of root.querySelectorAll("[data-toward]")) {
      button.addEventListener("click", () => steer({ toward: button.dataset.toward }));
    }
    const weight = root.querySelector(".moss-steer select");
    const any = root.querySelector(".moss-any");
    const percent = any.querySelector("input");
    weight.addEventListener("change", () => {
      any.hidden = percent.disabled = weight.value !== ""; // what is hidden must not stop the form
    });
    root.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      steer({ music: Number(weight.value || percent.value) / 100 });
    });
  }

  setBusy(isBusy) {
    for (const button of this.buttons) button.disabled = isBusy;
  }
}
