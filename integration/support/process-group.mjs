// Children in process groups of their own: what they started ends with them, and all of them with us.
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) killGroup(child);
    process.kill(process.pid, signal);
  });
}

/** Ends the group of a child that was started `detached`. */
export function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** From now on the child's group ends when this process is told to. */
export function endWithUs(child) {
  running.add(child);
}

/** The child has ended by itself. */
export function hasEnded(child) {
  running.delete(child);
}
