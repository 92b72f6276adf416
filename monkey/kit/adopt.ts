// Between an object and Node's prototype stands one of ours, with what aevent adds; Node's own prototype stays as it is,
// and so do the objects that Node makes for itself. One that reaches a program is adopted: it gets our prototype then.
interface Ours {
  readonly prototype: object;
  readonly prepare: ((value: object) => void) | undefined;
}
/** Node's prototypes, with ours; null for one whose objects are left as they are. */
const ourPrototypes = new WeakMap<object, Ours | null>();
const adopted = new WeakSet<object>();

/**
 * Makes `ours` the prototype that {@link adopt} gives to objects whose prototype is Node's `real` one.
 * @param prepare - sees each that was given it
 */
export function adoptBy(real: object, ours: object, prepare?: (value: object) => void): void {
  ourPrototypes.set(real, { prototype: ours, prepare });
  adopted.add(ours);
}

/** True if objects with that prototype can be adopted, or are. */
export function isAdopted(prototype: object): boolean {
  return ourPrototypes.get(prototype) != null || adopted.has(prototype);
}

type Find = (real: object) => object | undefined;
const finders: (readonly [Find, Ours['prepare']])[] = [];

/** As {@link adoptBy}, for classes that Node shows only by their objects: `find` gives our prototype for one of them. */
export function adoptWhere(find: Find, prepare?: Ours['prepare']): void {
  finders.push([find, prepare]);
}

/** Gives an object that Node has made what aevent adds to its class; whatever else stays as it is. */
export function adopt<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const real: object | null = Object.getPrototypeOf(value);
  if (real === null) return value;
  let ours = ourPrototypes.get(real);
  if (ours === undefined) {
    ours = found(real);
    if (ours === null) ourPrototypes.set(real, null); // events bring such objects all the time
  }
  if (ours === null) return value;
  Object.setPrototypeOf(value, ours.prototype);
  ours.prepare?.(value);
  return value;
}

function found(real: object): Ours | null {
  for (let i = 0; i < finders.length; i++) {
    const finder = finders[i] as (typeof finders)[number];
    const ours = finder[0](real);
    if (ours === undefined) continue;
    adoptBy(real, ours, finder[1]);
    return ourPrototypes.get(real) ?? null;
  }
  return null;
}
