/** Each part that depends on internals of V8 or Node, or on what a program may have frozen: `on`, or why it is off. */
export const features: Record<string, string> = {};
