// Node's own synchronous functions that call back.
import assert from 'node:assert';
import { AsyncLocalStorage, AsyncResource, createHook } from 'node:async_hooks';
import { transcode } from 'node:buffer';
import domain from 'node:domain';
import { EventEmitter } from 'node:events';
import { performance } from 'node:perf_hooks';
import querystring from 'node:querystring';
import util from 'node:util';
import v8 from 'node:v8';
import aevent from 'aevent';
import { stop } from '../rig.mjs';

const store = new AsyncLocalStorage();

/** Sets Error.prepareStackTrace for one call that does not suspend: it belongs to the process. */
function formatted(prepare, make) {
  return aevent.native(() => {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = prepare;
    try {
      return make();
    } finally {
      Error.prepareStackTrace = before;
    }
  });
}

// One hook for all tasks: what is enabled while a hook's callback runs (or is suspended) begins after it.
const hookedLogs = new Set();
const subjects = new Map();
const creating = new AsyncLocalStorage();
function see(asyncId, event) {
  const log = subjects.get(asyncId);
  if (log) log.push(stop(event));
}
const hook = createHook({
  init(asyncId, type) {
    // Nothing but these: a suspension makes resources, too.
    if (type !== 'TORTURED') return;
    const log = creating.getStore();
    subjects.set(asyncId, log);
    see(asyncId, 'init');
  },
  before: (asyncId) => see(asyncId, 'before'),
  after: (asyncId) => see(asyncId, 'after'),
});

export default [
  {
    name: 'util.inspect: a custom inspect function and getters',
    run(stop, id) {
      const value = {
        [util.inspect.custom]: (_, __, inspect) => stop(`<${inspect(id)}>`),
      };
      const getters = {
        get x() {
          return stop(id);
        },
      };
      return [
        util.inspect([value, { value }]),
        util.inspect(getters, { getters: true }),
        util.format('%o %s', 1, value),
      ];
    },
    expected: (id) => [`[ <${id}>, { value: <${id}> } ]`, `{ x: [Getter: ${id}] }`, `1 <${id}>`],
  },
  {
    name: 'util.inspect of a Proxy, Symbol.toStringTag and sorted keys',
    run(stop, id) {
      const tagged = {
        get [Symbol.toStringTag]() {
          return stop(`T${id}`);
        },
      };
      const proxy = new Proxy(
        { id },
        { get: (target, key) => stop(target[key]), ownKeys: (target) => stop(Reflect.ownKeys(target)) },
      );
      return [
        util.inspect(Object.create(tagged)).includes(`[T${id}]`),
        util.inspect(proxy, { showProxy: false }).includes(`{ id: ${id} }`),
        util.inspect({ b: 1, a: id }, { sorted: (a, b) => stop(a < b ? -1 : 1) }),
      ];
    },
    expected: (id) => [true, true, `{ a: ${id}, b: 1 }`],
  },
  {
    name: 'util.deprecate, debuglog, styleText and types',
    run: (stop, id) => [
      util.deprecate((n) => stop(n), 'torture', 'TORTURE')(id),
      util.stripVTControlCharacters(util.styleText('red', String(stop(id)))),
      util.isDeepStrictEqual(
        {
          get x() {
            return stop(id);
          },
        },
        { x: id },
      ),
    ],
    expected: (id) => [id, `${id}`, true],
  },
  {
    name: 'assert: throws, rejects, deepEqual and match callbacks',
    async run(stop, id) {
      assert.throws(
        () => {
          throw stop(new Error(`e${id}`));
        },
        (error) => stop(error.message === `e${id}`),
      );
      await assert.rejects(
        async () => {
          throw stop(new Error('x'));
        },
        {
          get message() {
            return stop('x');
          },
        },
      );
      assert.deepStrictEqual(
        {
          get a() {
            return stop(id);
          },
        },
        {
          get a() {
            return stop(id);
          },
        },
      );
      assert.doesNotThrow(() => stop(id));
      return stop(id);
    },
    expected: (id) => id,
  },
  {
    name: 'structuredClone with getters and with a transfer list that is iterated over',
    run(stop, id) {
      const source = {
        get value() {
          return stop(id);
        },
        map: new Map([
          [
            1,
            {
              get deep() {
                return stop(id);
              },
            },
          ],
        ]),
      };
      const buffer = new ArrayBuffer(id);
      const cloned = structuredClone(
        { buffer },
        {
          get transfer() {
            return stop([buffer]);
          },
        },
      );
      const copy = structuredClone(source);
      return [copy.value, copy.map.get(1), cloned.buffer.byteLength];
    },
    expected: (id) => [id, { deep: id }, id],
  },
  {
    name: 'v8.serialize: getters and a delegate’s _writeHostObject',
    run(stop, id) {
      class Mine extends v8.Serializer {
        _writeHostObject(object) {
          this.writeUint32(stop(object.length));
        }
      }
      const serializer = new Mine();
      serializer.writeHeader();
      serializer.writeValue(new Uint8Array(id));
      const bytes = serializer.releaseBuffer();
      return [
        bytes.length > 0,
        v8.deserialize(
          v8.serialize({
            get x() {
              return stop(id);
            },
          }),
        ),
      ];
    },
    expected: (id) => [true, { x: id }],
  },
  {
    name: 'Error.prepareStackTrace, and what is read in it',
    run: (stop, id) => [
      formatted(
        (error, sites) => `${error.message}${sites.length > 0}`,
        () => new Error(`e${id}`).stack,
      ),
      stop(id),
    ],
    expected: (id) => [`e${id}true`, id],
  },
  {
    name: 'Error.prepareStackTrace that suspends',
    run(stop, id) {
      // One function for all tasks: the hook belongs to the process.
      Error.prepareStackTrace = (error) => error.prepare?.() ?? String(error);
      const error = new Error('x');
      error.prepare = () => stop(`formatted ${id}`);
      const { stack } = error;
      Error.prepareStackTrace = undefined;
      // V8 does not call the hook while it runs already, be it in another task.
      return stack === `formatted ${id}` || stack.startsWith('Error: x');
    },
    expected: true,
  },
  {
    name: 'Error.captureStackTrace and the getter of stack',
    run(stop, id) {
      const error = new Error(`e${id}`);
      const sum = [1, 2].map((n) => stop(n)).reduce((a, b) => a + b);
      return [error.stack.includes(`e${id}`), sum];
    },
    expected: [true, 3],
  },
  {
    name: 'AsyncLocalStorage: run, exit, bind and snapshot',
    run(stop, id) {
      return store.run(id, () => {
        const bound = AsyncLocalStorage.bind(() => stop(store.getStore()));
        const snapshot = AsyncLocalStorage.snapshot();
        const outside = store.exit(() => stop(store.getStore()));
        return [
          bound(),
          store.run(0, () => snapshot(() => stop(store.getStore()))),
          outside,
          stop(store.getStore()),
        ];
      });
    },
    expected: (id) => [id, id, undefined, id],
  },
  {
    name: 'AsyncResource.runInAsyncScope and bind',
    run(stop, id) {
      const resource = new AsyncResource('TORTURE');
      return resource.runInAsyncScope(() => [stop(id), AsyncResource.bind(() => stop(id + 1))()]);
    },
    expected: (id) => [id, id + 1],
  },
  {
    name: 'async_hooks callbacks: init, before, after and destroy',
    run(stop) {
      const log = [];
      aevent.native(() => {
        if (hookedLogs.add(log).size === 1) hook.enable();
      });
      const resource = creating.run(log, () => new AsyncResource('TORTURED'));
      resource.runInAsyncScope(() => stop(0));
      subjects.delete(resource.asyncId());
      aevent.native(() => {
        hookedLogs.delete(log);
        if (hookedLogs.size === 0) hook.disable();
      });
      return log;
    },
    expected: ['init', 'before', 'after'],
  },
  {
    name: 'domain: run, bind and an error handler',
    run(stop, id) {
      const own = domain.create();
      const log = [];
      own.on('error', (error) => log.push(stop(error.message)));
      log.push(own.run(() => stop(id)));
      own.emit('error', new Error('x'));
      return log;
    },
    expected: (id) => [id, 'x'],
  },
  {
    name: 'URLSearchParams, Headers and FormData: forEach and iterables',
    run(stop, id) {
      const seen = [];
      new URLSearchParams(
        (function* () {
          yield stop(['a', `${id}`]);
        })(),
      ).forEach((value, key) => {
        seen.push(stop(key + value));
      });
      new Headers({ x: `${id}` }).forEach((value, key) => {
        seen.push(stop(key + value));
      });
      const form = new FormData();
      form.append({ toString: () => stop('k') }, id);
      form.forEach((value, key) => seen.push(stop(key + value)));
      return [seen, new URL({ toString: () => stop(`http://h${id}/`) }).host];
    },
    expected: (id) => [[`a${id}`, `x${id}`, `k${id}`], `h${id}`],
  },
  {
    name: 'querystring with functions of one’s own',
    run: (stop, id) => [
      querystring.stringify({ a: id }, '&', '=', { encodeURIComponent: (text) => stop(`<${text}>`) }),
      {
        ...querystring.parse('%61=%20', '&', '=', {
          decodeURIComponent: (text) => stop(text.replace('%61', 'a') + id),
        }),
      },
    ],
    expected: (id) => [`<a>=<${id}>`, { [`a${id}`]: `%20${id}` }],
  },
  {
    name: 'Buffer.from an object, Buffer.concat and transcode',
    run: (stop, id) => [
      Buffer.from({ valueOf: () => stop(`v${id}`) }).toString(),
      Buffer.from({ [Symbol.toPrimitive]: () => stop(`p${id}`) }).toString(),
      Buffer.from({
        length: 1,
        get 0() {
          return stop(id);
        },
      })[0],
      transcode(Buffer.from(stop('é')), 'utf8', 'latin1').length,
    ],
    expected: (id) => [`v${id}`, `p${id}`, id, 1],
  },
  {
    name: 'performance.timerify, mark and measure details',
    run(stop, id) {
      const timed = performance.timerify((n) => stop(n));
      return [
        timed(id),
        performance.mark('torture', {
          get detail() {
            return stop(id);
          },
        }).detail,
      ];
    },
    expected: (id) => [id, id],
  },
  {
    name: 'console with a stream of one’s own',
    run(stop, id) {
      const seen = [];
      const own = new console.Console(
        Object.assign(new EventEmitter(), { write: (text) => seen.push(stop(text)) }),
      );
      own.log('%s', { toString: () => stop(`o${id}`) });
      own.table([
        {
          get a() {
            return stop(id);
          },
        },
      ]);
      own.assert(stop(false), 'no');
      return seen.length;
    },
    expected: 3,
  },
  {
    name: 'util.parseArgs and util.MIMEType with objects',
    run: (stop, id) => [
      util.parseArgs({
        args: [`--x=${id}`],
        options: {
          get x() {
            return stop({ type: 'string' });
          },
        },
      }).values.x,
      new util.MIMEType({ toString: () => stop('text/plain') }).essence,
    ],
    expected: (id) => [`${id}`, 'text/plain'],
  },
  {
    name: 'util.debuglog with a callback',
    run(stop, id) {
      const log = util.debuglog(`torture${id}`, () => stop(0));
      log('x');
      return [log.enabled, stop(id)];
    },
    expected: (id) => [false, id],
  },
];
