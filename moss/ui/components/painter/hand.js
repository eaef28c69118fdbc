// Hands that paint: mouse, pen, touch and keys on the canvas.

import { Stroke } from "./stroke.js";

const FIRST_HZ = 440; // the pitch at which the keys begin

export class Hand {
  // `tool` returns what a Stroke paints with, `onChange` is called after each stroke, `onScroll`
  // after the wheel has turned, and `onPoint` with the cell that the hand is at.
  constructor(view, painting, { tool, onChange, onScroll, onPoint }) {
    Object.assign(this, { view, painting, tool, onChange, onScroll, onPoint });
    this.stroke = null;
    this.cursor = { row: painting.measures.rowOf(FIRST_HZ), column: 0 }; // where the keys paint
    const on = (name, act) => view.canvas.addEventListener(name, act);
    on("pointerdown", (event) => this.press(event));
    on("pointermove", (event) => this.move(event));
    on("pointerup", (event) => this.lift(event));
    on("pointercancel", (event) => this.lift(event));
    on("pointerleave", () => this.point(null));
    on("keydown", (event) => this.key(event));
    on("focus", () => view.canvas.matches(":focus-visible") && this.point(this.cursor));
    on("blur", () => this.point(null));
    on("wheel", (event) => this.wheel(event));
  }

  press(event) {
    const isErasing = event.button === 5; // the other end of a pen
    if ((event.button && !isErasing) || !event.isPrimary || this.stroke) return;
    const { canvas } = this.view;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    event.preventDefault();
    this.pointer = event.pointerId;
    const tool = this.tool();
    this.stroke = new Stroke(this.painting, isErasing ? { ...tool, erases: true } : tool);
    this.paintTo(event);
  }

  move(event) {
    if (this.stroke && event.pointerId === this.pointer) {
      const passed = event.getCoalescedEvents?.() ?? [];
      for (const each of passed.length ? passed : [event]) this.paintTo(each);
      this.follow(event);
    } else if (event.pointerType !== "touch") {
      this.point(this.view.cellAt(event));
    }
  }

  paintTo(event) {
    const cell = this.view.cellAt(event);
    this.stroke.to(cell);
    this.point(cell);
  }

  lift(event) {
    if (!this.stroke || event.pointerId !== this.pointer) return;
    this.stroke = null;
    this.painting.finish();
    if (event.pointerType === "touch") this.point(null);
    this.onChange();
  }

  // The view goes with a stroke that leaves it.
  follow(event) {
    const { view } = this;
    const box = view.canvas.getBoundingClientRect();
    if (event.clientX > box.right) view.scrollTo(view.first + 2);
    if (event.clientX < box.left) view.scrollTo(view.first - 2);
  }

  wheel(event) {
    const by = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (!by) return;
    event.preventDefault();
    const columns = Math.sign(by) * Math.ceil(Math.abs(by) / this.view.columnPx);
    this.view.scrollTo(this.view.first + columns);
    this.onScroll();
  }

  // Show the brush at a cell, or nowhere.
  point(cell) {
    const { size, pitch } = this.tool();
    const row = cell && pitch ? pitch.nearest(cell.row).row : cell?.row;
    this.view.ring = cell && { row, column: cell.column, size };
    this.view.draw();
    this.onPoint(cell && { row, column: cell.column });
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { cursor, view } = this;
    const { rows, columns } = this.painting.measures;
    const { pitch, rhythm } = this.tool();
    const times = event.shiftKey ? 8 : 1;
    for (let k = 0; k < times; k++) {
      if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        const up = event.key === "ArrowUp" ? 1 : -1;
        cursor.row = pitch ? pitch.next(cursor.row, up).row : cursor.row - up;
      } else if (event.key === "ArrowRight") {
        cursor.column = rhythm ? rhythm.around(cursor.column)[1] : cursor.column + 1;
      } else if (event.key === "ArrowLeft") {
        cursor.column = rhythm ? rhythm.around(cursor.column - 1)[0] : cursor.column - 1;
      } else if (event.key !== " " && event.key !== "Enter") {
        return;
      }
      cursor.row = Math.max(0, Math.min(cursor.row, rows - 1));
      cursor.column = Math.max(0, Math.min(cursor.column, columns - 1));
    }
    event.preventDefault();
    if (event.key === " " || event.key === "Enter") {
      this.painting.step(() => new Stroke(this.painting, this.tool()).to({ ...cursor }));
      this.onChange();
    }
    view.reveal(cursor.column);
    this.point(cursor);
  }
}
