// Elements of a component by their classes.

// Return a function that finds an element under `root` by its class without `prefix`.
export function finder(root, prefix = "") {
  return (name) => root.querySelector(`.${prefix}${name}`);
}
