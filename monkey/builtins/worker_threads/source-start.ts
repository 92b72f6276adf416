// The way from a thread to the Workers of source text that it makes: environment data, which they take out again.

/** The key of the environment data. */
export const KEY = 'aevent.source-worker';

/** The beginning of a Worker of source text. */
export interface Start {
  /** The door to open in it. */
  readonly door: './auto' | './register';
  /** Its `process.execArgv`, which shows no preload of ours. */
  readonly execArgv: readonly string[];
}
