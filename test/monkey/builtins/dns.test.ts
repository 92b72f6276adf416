// dns and dgram that wait: queries to a name server of our own, which is written without a callback.
import { createHook } from 'node:async_hooks';
import type dgramReal from 'node:dgram';
import { describe, expect, it } from 'vitest';
import dgram from '../../../dist/monkey/facades/dgram.js';
import dnsPromises from '../../../dist/monkey/facades/dns/promises.js';
import dns from '../../../dist/monkey/facades/dns.js';
import { await_, call, createTaskGroup, runner } from '../../../dist/runtime/index.js';
import { pause, thrownBy } from '../../support/tools.js';

/** Answers A queries with 127.0.0.<number of labels>, and those of names that begin with `never` not at all. */
function serve(socket: dgramReal.Socket): void {
  for (;;) {
    const { data, rinfo } = socket.recvSync();
    const labels: string[] = [];
    let at = 12;
    for (let length = data[at] ?? 0; length > 0; length = data[at] ?? 0) {
      labels.push(data.toString('latin1', at + 1, at + 1 + length));
      at += length + 1;
    }
    if (labels[0] === 'never') continue;
    const question = data.subarray(12, at + 5);
    const header = Buffer.from([data[0] ?? 0, data[1] ?? 0, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]);
    const answer = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, labels.length]);
    socket.sendSync(Buffer.concat([header, question, answer]), rinfo.port, rinfo.address);
  }
}

async function withNameServer(body: (server: string) => void): Promise<void> {
  await runner((tasks) => {
    const socket = dgram.createSocket('udp4');
    const { port } = socket.bindSync({ port: 0, address: '127.0.0.1' });
    tasks.spawnDaemon(() => serve(socket));
    try {
      body(`127.0.0.1:${port}`);
    } finally {
      socket.close();
    }
  }).catch((error) => {
    if (!(error instanceof AggregateError)) throw error;
    const [only, ...others] = error.errors;
    // The server's own end.
    if (others.length > 0 || only.code !== 'ERR_SOCKET_DGRAM_NOT_RUNNING') throw error;
  });
}

describe('queries', () => {
  it('wait for the answer, many at once', () =>
    withNameServer((server) => {
      const resolver = new dns.Resolver();
      resolver.setServers([server]);
      const asking = createTaskGroup();
      const answers: string[][] = [];
      for (let i = 0; i < 30; i++) asking.spawn(() => void answers.push(resolver.resolve4Sync(`n${i}.test`)));
      asking[Symbol.dispose]();
      expect(answers).toEqual(Array.from({ length: 30 }, () => ['127.0.0.2']));
      const other = new dnsPromises.Resolver();
      other.setServers([server]);
      expect(other.resolve4Sync('a.b.c', { ttl: true })).toEqual([{ address: '127.0.0.3', ttl: 60 }]);
      expect(other.resolveSync('a.b')).toEqual(['127.0.0.2']);
    }));

  it('go to the servers that the module was told to ask', async () => {
    const before = dns.getServers();
    for (const each of [dns, dnsPromises]) {
      each.setServers(['127.0.0.9:59']);
      expect(each.getServers()).toEqual(['127.0.0.9:59']);
      each.setServers(before);
    }
    await call(() =>
      withNameServer((server) => {
        dns.setServers([server]);
        const asked = new Promise((resolve, reject) =>
          dns.resolve4('a.b.c', (error, found) => (error ? reject(error) : resolve(found))),
        );
        try {
          expect(await_(Promise.all([asked, dnsPromises.resolve4('a.b')]))).toEqual([
            ['127.0.0.3'],
            ['127.0.0.2'],
          ]);
        } finally {
          dns.setServers(before);
        }
      }),
    );
  });

  it('have Node’s timeout and cancellation takes the query back', () =>
    withNameServer((server) => {
      const resolver = new dns.Resolver({ timeout: 50, tries: 1 });
      resolver.setServers([server]);
      expect(thrownBy(() => resolver.resolve4Sync('never.test'))).toMatchObject({
        code: 'ETIMEOUT',
        syscall: 'queryA',
        hostname: 'never.test',
      });
      const asked = new Set<number>();
      const hook = createHook({
        init: (id, type) => type === 'QUERYWRAP' && asked.add(id),
        before: (id) => asked.delete(id),
      }).enable();
      const patient = new dns.Resolver();
      patient.setServers([server]);
      const tasks = createTaskGroup();
      const scope = tasks.spawn(() => patient.resolve4Sync('never.test'));
      pause(3);
      expect(asked.size).toBe(1);
      scope.cancel();
      tasks[Symbol.dispose]();
      pause(2);
      expect(asked.size).toBe(0);
      hook.disable();
    }));

  it('of the module go where setServers() said', () =>
    withNameServer((server) => {
      const before = dns.getServers();
      dns.setServers([server]);
      try {
        expect(dns.resolve4Sync('a.b.c.d')).toEqual(['127.0.0.4']);
        expect(dns.promises).toBe(dnsPromises);
      } finally {
        dns.setServers(before);
      }
    }));
});

it('lookupSync and lookupServiceSync give what dns/promises gives', () =>
  call(() => {
    expect(dns.lookupSync('127.0.0.1')).toEqual({ address: '127.0.0.1', family: 4 });
    expect(dns.lookupSync('127.0.0.1', { all: true })).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(dns.lookupServiceSync('127.0.0.1', 22)).toMatchObject({ service: 'ssh' });
    expect(thrownBy(() => dns.lookupServiceSync('x', 22))).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  }));

it('a callback may suspend', async () => {
  const found = await call(
    () =>
      new Promise((resolve) => {
        dns.lookup('127.0.0.1', (error, address) => {
          pause();
          resolve(error ?? address);
        });
      }),
  );
  expect(found).toBe('127.0.0.1');
});

it('need a portal', () => {
  for (const fn of [() => dns.lookupSync('localhost'), () => dns.resolve4Sync('localhost')])
    expect(thrownBy(fn)).toMatchObject({ code: 'AEVENT_NO_PORTAL' });
});

describe('dgram', () => {
  it('keeps what comes before it is received, and serves those who wait in turn', () =>
    runner((tasks) => {
      const receiver = dgram.createSocket('udp4');
      const { port } = receiver.bindSync(0, '127.0.0.1');
      const sender = dgram.createSocket('udp4');
      sender.connectSync(port, '127.0.0.1');
      const got: string[] = [];
      const receive = (): void => void got.push(String(receiver.recvSync().data));
      expect(sender.sendSync('one')).toBe(3);
      pause(3);
      receive();
      tasks.spawn(receive);
      tasks.spawn(receive);
      pause();
      sender.sendSync(['tw', 'o']);
      sender.sendSync('xthreex', 1, 5);
      while (got.length < 3) pause();
      expect(got).toEqual(['one', 'two', 'three']);
      sender.close();
      receiver.close();
    }));

  it('has Node’s errors', () =>
    call(() => {
      const first = dgram.createSocket('udp4');
      const { port } = first.bindSync(0, '127.0.0.1');
      const second = dgram.createSocket('udp4');
      expect(thrownBy(() => second.bindSync(port, '127.0.0.1'))).toMatchObject({ code: 'EADDRINUSE' });
      expect(thrownBy(() => first.bindSync())).toMatchObject({ code: 'ERR_SOCKET_ALREADY_BOUND' });
      expect(thrownBy(() => first.sendSync(5 as never, port))).toMatchObject({
        code: 'ERR_INVALID_ARG_TYPE',
      });
      setImmediate(() => first.close());
      expect(thrownBy(() => first.recvSync())).toMatchObject({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
      expect(thrownBy(() => first.recvSync())).toMatchObject({ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' });
      second.close();
    }));
});
