/** How many requests come at once, and how long each of their handlers blocks. */
export const REQUESTS = 12;
export const BLOCK_MS = 200;
/**
 * The longest that the event loop may be kept. Where starting a child alone takes as long: how many times as long as by
 * handlers that are written for it and run without aevent (evented.mjs), in a process that is smaller. One handler that
 * did block the loop would keep it for BLOCK_MS.
 */
export const GAP_MS = 10;
export const TIMES_EVENTED = 4;
/** How often they come, at most, until a round was not disturbed by whatever else the machine does. */
export const ROUNDS = 20;
