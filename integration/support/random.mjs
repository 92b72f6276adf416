// Chance that is the same again for the same seed: a failure can be run again.

/** @returns gives an integer >= 0 below its argument */
export function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
