/** How many requests come at once, and how long each of their handlers blocks. */
export const REQUESTS = 12;
export const BLOCK_MS = 200;
/** The longest that the event loop may be kept. */
export const GAP_MS = 10;
/** How often they come, at most, until a round was not disturbed by whatever else the machine does. */
export const ROUNDS = 50;
