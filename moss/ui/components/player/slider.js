// The slider from music to picture: where it is put, a position or a whole point, is told.

// The whole point that a step of a screen reader leads to. It moves by a hundredth of a point or
// by a tenth of the way, and only whole points are files.
export function stepTo(from, to) {
  const by = to - from;
  return Math.round(from) + Math.sign(by) * Math.max(1, Math.round(Math.abs(by)));
}

// `onDrag` is called with each position of a drag, `onRest` with the nearest point at its end or
// the point that another way of moving it leads to; `position` returns where the slider was.
export function followSlider(input, { position, onDrag, onRest }) {
  let isDragged = false;
  input.addEventListener("pointerdown", () => {
    isDragged = true;
  });
  input.addEventListener("input", () => {
    const to = Number(input.value);
    if (isDragged) onDrag(to);
    else onRest(stepTo(position(), to));
  });
  // "change" comes where the pointer was let go beside the slider.
  for (const name of ["pointerup", "pointercancel", "change"]) {
    input.addEventListener(name, () => {
      if (isDragged) onRest(Math.round(position()));
      isDragged = false;
    });
  }
}
