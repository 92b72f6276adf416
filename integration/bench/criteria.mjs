/** A line of what aevent must reach. */
export function atMost(what, value, target, unit) {
  return { what, value, target: `≤ ${target} ${unit}`, unit, met: value <= target };
}

/** A line of what aevent must reach. */
export function atLeast(what, value, target, unit) {
  return { what, value, target: `≥ ${target} ${unit}`, unit, met: value >= target };
}

/** A number with three significant digits and its unit. */
export function format(value, unit) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}
