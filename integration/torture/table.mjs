// Every kind of place that JavaScript is called from. A case is
//   name
//   run(stop, id)   the body of a task; calls stop(value), which suspends and gives the value back
//   expected(id)    what it has to return; or the value itself
//   needs           (optional) false where this Node lacks the subject
//   refused         (optional) where the documented outcome is an error: its code, or a RegExp for a NoPortalError's message
import addon from './cases/addon.mjs';
import arrays from './cases/arrays.mjs';
import classes from './cases/classes.mjs';
import collections from './cases/collections.mjs';
import evaluation from './cases/evaluation.mjs';
import events from './cases/events.mjs';
import intl from './cases/intl.mjs';
import iterators from './cases/iterators.mjs';
import language from './cases/language.mjs';
import loop from './cases/loop.mjs';
import network from './cases/network.mjs';
import objects from './cases/objects.mjs';
import promises from './cases/promises.mjs';
import proxies from './cases/proxies.mjs';
import streams from './cases/streams.mjs';
import strings from './cases/strings.mjs';
import utilities from './cases/utilities.mjs';
import wasm from './cases/wasm.mjs';
import webStreams from './cases/web-streams.mjs';

export const families = {
  language,
  classes,
  iterators,
  arrays,
  collections,
  strings,
  objects,
  proxies,
  promises,
  intl,
  evaluation,
  wasm,
  utilities,
  events,
  streams,
  'web streams': webStreams,
  loop,
  network,
  addon,
};

export const everything = Object.values(families).flat();

/** The cases that this Node knows. */
export const table = everything.filter(({ needs = true }) => needs);
