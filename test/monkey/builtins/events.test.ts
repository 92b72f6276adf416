// Listeners that suspend, replaced classes, and waiting for events.
import { EventEmitter as RealEmitter } from 'node:events';
import { inherits } from 'node:util';
import { describe, expect, it } from 'vitest';
import EventEmitter, { once, onceSync, onSync } from '../../../dist/monkey/facades/events.js';
import { await_, call, native, orig, replacement, select } from '../../../dist/runtime/index.js';
import { pause, paused, thrownBy, turn } from '../../support/tools.js';
import { facts, fixture } from '../fixture.js';

type Replaced = typeof EventEmitter & {
  [orig]: unknown;
  [replacement]: unknown;
  [select]: () => unknown;
};

describe('a replaced class', () => {
  it('makes instances of both, and recognises instances of both', () => {
    expect(new EventEmitter()).toBeInstanceOf(EventEmitter);
    expect(new EventEmitter()).toBeInstanceOf(RealEmitter);
    expect(new RealEmitter()).toBeInstanceOf(EventEmitter);
    expect({}).not.toBeInstanceOf(EventEmitter);
  });

  it("has methods of Node's names, and its defaults", () => {
    const { prototype } = EventEmitter;
    expect([prototype.on, prototype.on.name]).toEqual([prototype.addListener, 'addListener']);
    EventEmitter.captureRejections = true;
    const captures = Object.getOwnPropertySymbols(RealEmitter.prototype).map((key) =>
      Reflect.get(prototype, key),
    );
    EventEmitter.captureRejections = false;
    expect(captures).toEqual([true]);
  });

  it('can be subclassed, and the subclass tells its own instances', () => {
    class Mine extends EventEmitter {
      readonly #secret = 1;
      get secret(): number {
        return this.#secret;
      }
    }
    const mine = new Mine();
    expect(mine.secret).toBe(1);
    expect(mine).toBeInstanceOf(RealEmitter);
    expect(new EventEmitter()).not.toBeInstanceOf(Mine);
    expect(new RealEmitter()).not.toBeInstanceOf(Mine);
    expect(Object.getPrototypeOf(Mine)).toBe(EventEmitter);
  });

  it('can be subclassed as before there were classes', async () => {
    function Old(this: RealEmitter): void {
      (EventEmitter as unknown as (this: RealEmitter) => void).call(this);
    }
    inherits(Old, EventEmitter);
    const old = new (Old as unknown as new () => RealEmitter)();
    const heard: number[] = [];
    await call(() => old.on('event', (value: number) => heard.push(paused(value))));
    old.emit('event', 1);
    await turn(3);
    expect(heard).toEqual([1]);
    expect(old).toBeInstanceOf(EventEmitter);
  });

  it('can be mixed in, method by method', async () => {
    const byAssigning = Object.assign({}, EventEmitter.prototype) as RealEmitter;
    const byDefining = Object.defineProperties(
      {},
      Object.getOwnPropertyDescriptors(EventEmitter.prototype),
    ) as RealEmitter;
    expect(Object.keys(byAssigning)).toEqual(Object.keys(Object.assign({}, RealEmitter.prototype)));
    const heard: string[] = [];
    await call(() => {
      byAssigning.on('event', (value: string) => heard.push(value));
      byDefining.on('event', (value: string) => heard.push(value));
    });
    byAssigning.emit('event', 'assigned');
    byDefining.emit('event', 'defined');
    expect(heard).toEqual(['assigned', 'defined']);
    byDefining.emit = () => false;
    expect(byDefining.emit('event')).toBe(false);
    expect(new EventEmitter().emit).toBe(RealEmitter.prototype.emit);
  });

  it('has the three symbols, and makes Node’s own in native()', async () => {
    const ours = EventEmitter as Replaced;
    expect(ours[orig]).toBe(RealEmitter);
    expect(ours[replacement]).toBe(ours);
    expect(ours[select]()).toBe(ours);
    await call(() =>
      native(() => {
        expect(ours[select]()).toBe(RealEmitter);
        expect(new EventEmitter().constructor).toBe(RealEmitter);
      }),
    );
    expect(new EventEmitter().constructor).toBe(EventEmitter);
  });
});

describe('a listener registered in a task', () => {
  it('may suspend: whoever emits outside of tasks goes on at once', async () => {
    const emitter = new EventEmitter();
    const order: string[] = [];
    await call(() =>
      emitter.on('event', () => {
        order.push('begins');
        pause();
        order.push('ends');
      }),
    );
    expect(emitter.emit('event')).toBe(true);
    order.push('emitted');
    await turn(3);
    expect(order).toEqual(['begins', 'emitted', 'ends']);
  });

  it('has done its work when a task’s emit returns', () =>
    call(() => {
      const emitter = new EventEmitter();
      const order: string[] = [];
      emitter.on('event', () => order.push(paused('heard')));
      emitter.emit('event');
      expect(order).toEqual(['heard']);
    }));

  it('is seen by listeners(), removed by off(), and once is once', async () => {
    const emitter = new EventEmitter();
    const heard: string[] = [];
    const listener = (name: string): void => void heard.push(name);
    await call(() =>
      emitter.on('event', listener).once('event', listener).prependListener('event', listener),
    );
    expect(emitter.listeners('event')).toEqual([listener, listener, listener]);
    emitter.emit('event', 'first');
    emitter.emit('event', 'second');
    expect(heard).toEqual(['first', 'first', 'first', 'second', 'second']);
    emitter.off('event', listener).off('event', listener);
    expect(emitter.listenerCount('event')).toBe(0);
  });

  it('is itself in rawListeners(), where once has a wrapper as always', () =>
    call(() => {
      const emitter = new EventEmitter();
      const listener = (): void => {};
      emitter.on('event', listener).once('event', listener);
      const [raw, wrapper, ...others] = emitter.rawListeners('event') as { listener?: unknown }[];
      expect([raw, others]).toEqual([listener, []]);
      expect(wrapper).not.toBe(listener);
      expect(wrapper?.listener).toBe(listener);
    }));

  it('gets this and all arguments, and throws into emit', async () => {
    const emitter = new EventEmitter();
    const error = new Error('from the listener');
    let got: unknown[] = [];
    await call(() =>
      emitter.on('event', function (this: unknown, ...args: unknown[]) {
        got = [this, ...args];
        throw error;
      }),
    );
    expect(thrownBy(() => emitter.emit('event', 1, 2))).toBe(error);
    expect(got).toEqual([emitter, 1, 2]);
  });

  it('stays itself when no task registers it', () => {
    const emitter = new EventEmitter();
    const listener = (): void => {};
    emitter.on('event', listener);
    expect(emitter.rawListeners('event')).toEqual([listener]);
  });
});

it('once() gives the message of a port, which is an emitter, too, and the event of any other EventTarget', async () => {
  const { port1, port2 } = new MessageChannel();
  const target = new EventTarget();
  const event = new Event('event');
  setImmediate(() => {
    port2.postMessage('message');
    target.dispatchEvent(event);
  });
  const [message, dispatched] = [once(port1 as unknown as EventTarget, 'message'), once(target, 'event')];
  expect(await message).toEqual(['message']);
  expect((await dispatched)[0]).toBe(event);
  port1.close();
});

it("getEventListeners() gives a program's own listeners", async () => {
  const program = 'listeners-of-targets.mjs';
  const natively = await fixture([program]);
  expect(natively.stdout).toContain('target [ 0, 1, 0 ]');
  expect(await fixture(['--import', 'aevent/auto', program])).toEqual(natively);
});

it('code that has made a stream, and discards its data, can wait for its end', async () => {
  const told = await facts(['--import', 'aevent/auto', 'waits-for-close.mjs']);
  expect(told.map(([, holds]) => holds)).toEqual(Array(6).fill(true));
});

describe('onceSync', () => {
  it('waits for the event and gives its arguments, also of an EventTarget', () =>
    call(() => {
      const emitter = new RealEmitter();
      setImmediate(() => emitter.emit('event', 1, 2));
      expect(onceSync(emitter, 'event')).toEqual([1, 2]);
      expect(emitter.eventNames()).toEqual([]);
      const target = new EventTarget();
      setImmediate(() => target.dispatchEvent(new Event('event')));
      expect((onceSync(target, 'event')[0] as Event).type).toBe('event');
    }));

  it('throws what an error event brings, and Node’s error for an aborted signal or a bad argument', () =>
    call(() => {
      const emitter = new RealEmitter();
      const error = new Error('of the emitter');
      setImmediate(() => emitter.emit('error', error));
      expect(thrownBy(() => onceSync(emitter, 'event'))).toBe(error);
      expect(thrownBy(() => onceSync(emitter, 'event', { signal: AbortSignal.abort() }))).toMatchObject({
        code: 'ABORT_ERR',
      });
      expect(thrownBy(() => onceSync({} as RealEmitter, 'event'))).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }));

  it('needs a portal', () => {
    expect(thrownBy(() => onceSync(new RealEmitter(), 'event'))).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
  });
});

describe('onSync', () => {
  it('gives each event, those before the first step too, and removes its listeners', () =>
    call(() => {
      const emitter = new RealEmitter();
      const seen: unknown[] = [];
      const events = onSync(emitter, 'event');
      emitter.emit('event', 1);
      setImmediate(() => {
        emitter.emit('event', 2);
        emitter.emit('event', 3);
      });
      for (const [value] of events) {
        seen.push(value);
        if (value === 3) break;
      }
      expect(seen).toEqual([1, 2, 3]);
      expect(emitter.eventNames()).toEqual([]);
    }));
});

it('leaves once() as it is', () =>
  call(() => {
    const emitter = new EventEmitter();
    setImmediate(() => emitter.emit('event', 'value'));
    expect(await_(once(emitter, 'event'))).toEqual(['value']);
  }));
