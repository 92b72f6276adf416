// A switch of stacks.
const BACKENDS = ['fiber', 'thread'];

/** Away from a stack and back to it, without a promise. */
export async function measure(lab) {
  const measured = [];
  for (const backend of BACKENDS) {
    const { reason, ...round } = await lab.ask('switch.mjs', { args: [backend] });
    if (reason) continue;
    const { median, min } = round['round trip'];
    measured.push({
      what: `suspend + resume (${backend})`,
      value: median / 1000,
      best: min / 1000,
      unit: 'µs',
    });
  }
  return { measured, criteria: [] };
}
