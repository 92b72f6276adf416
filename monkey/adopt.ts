// Between an object and Node's prototype stands one of ours, with what aevent adds; Node's own prototype stays as it is,
// and so do the objects that Node makes for itself. One that reaches a program is adopted: it gets our prototype then.
const ourPrototypes = new Map<object, object>();

/** Makes `ours` the prototype that {@link adopt} gives to objects whose prototype is Node's `real` one. */
export function adoptBy(real: object, ours: object): void {
  ourPrototypes.set(real, ours);
}

/** Gives an object that Node has made what aevent adds to its class; whatever else stays as it is. */
export function adopt<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const ours = ourPrototypes.get(Object.getPrototypeOf(value));
  return ours === undefined ? value : Object.setPrototypeOf(value, ours);
}
