// A Node-API addon that calls JavaScript.
import { createRequire } from 'node:module';
import { addonFile } from '../addon/build.mjs';
import { viaLoop } from '../rig.mjs';

let loaded;
const addon = () => {
  loaded ??= createRequire(import.meta.url)(addonFile);
  return loaded;
};
const caught = (fn) => {
  try {
    return fn();
  } catch (error) {
    return error;
  }
};

export default [
  {
    name: 'napi_call_function',
    run: (stop, id) => [
      addon().call(() => stop(id)),
      caught(() =>
        addon().call(() => {
          throw stop(`e${id}`);
        }),
      ),
    ],
    expected: (id) => [id, `e${id}`],
  },
  {
    name: 'napi_call_function inside handle scopes of the addon’s',
    run: (stop, id) => [
      addon().callInScopes(() => stop(id), id),
      caught(() =>
        addon().callInScopes(() => {
          throw stop(`e${id}`);
        }, 1),
      ),
    ],
    expected: (id) => [id, `e${id}`],
  },
  {
    name: 'napi_make_callback',
    run: (stop, id) => addon().makeCallback(() => stop(id)),
    expected: (id) => id,
  },
  {
    name: 'napi_open_callback_scope',
    run: (stop, id) => addon().callbackScope(() => stop(id)),
    expected: (id) => id,
  },
  {
    name: 'napi_new_instance, napi_get_property and napi_coerce_to_string',
    run(stop, id) {
      class Made {
        value = stop(id);
      }
      const object = {
        get x() {
          return stop(id);
        },
        toString: () => stop(`s${id}`),
      };
      return [addon().construct(Made).value, addon().get(object, 'x'), addon().coerce(object)];
    },
    expected: (id) => [id, id, `s${id}`],
  },
  {
    name: 'Node-API calls nested in one another',
    run: (stop, id) =>
      addon().call(() =>
        addon().callInScopes(() => [3, id].sort((a, b) => addon().makeCallback(() => stop(a - b))), 1),
      ),
    expected: (id) => [3, id].sort((a, b) => a - b),
  },
  {
    name: 'threadsafe function',
    run: (stop, id) => viaLoop((callback) => addon().threadsafe(callback, { id }), stop),
    expected: (id) => ({ id }),
  },
  {
    name: 'napi_async_work: complete',
    run: (stop, id) =>
      viaLoop(
        (callback) => addon().work(callback),
        () => stop(id),
      ),
    expected: (id) => id,
  },
];
