// Node has parts of its objects under symbols, which nothing exports: an object tells them by their descriptions.
import { find } from './primordials.js';

/** The symbol of that description that an object has a property of its own for; undefined if there is none. */
export const symbolNamed = (object: object, description: string): symbol | undefined =>
  find(Object.getOwnPropertySymbols(object), (symbol) => symbol.description === description);
