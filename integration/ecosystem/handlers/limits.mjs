/** How many requests come at once, and how long each of their handlers blocks. */
export const REQUESTS = 12;
export const BLOCK_MS = 500;
