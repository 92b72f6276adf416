// Real servers from Debian packages, each on a free port and in a folder of its own, for as long as a check runs.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const START_MS = 60_000;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function reachable(port, child) {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with exit code ${child.exitCode}`);
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await sleep(50);
  }
  throw new Error(`${child.spawnfile} does not listen on port ${port}`);
}

/** Starts a server; gives what ends it and what is left of it. */
async function start(command, args, port, dir, options) {
  const child = spawn(command, args, { cwd: dir, stdio: 'ignore', ...options });
  const ended = once(child, 'exit').catch(() => {});
  const stop = async () => {
    child.kill('SIGINT');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await reachable(port, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, stop };
}

// Without anything on disk.
async function startRedis() {
  const command = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find(existsSync);
  if (!command) return undefined;
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'aevent-redis-'));
  return start(
    command,
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    port,
    dir,
  );
}

// PostgreSQL refuses to run as root.
async function unprivileged() {
  if (process.getuid() !== 0) return {};
  const { stdout } = await promisify(execFile)('id', ['-u', 'nobody']);
  return { uid: Number(stdout), gid: Number(stdout) };
}

// With a database made for this run.
async function startPostgres() {
  const versions = '/usr/lib/postgresql';
  const newest = existsSync(versions) && readdirSync(versions).sort((a, b) => b - a)[0];
  const bin = newest && join(versions, newest, 'bin');
  if (!bin || !existsSync(join(bin, 'initdb'))) return undefined;
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), 'aevent-postgres-'));
  const user = await unprivileged();
  if (user.uid !== undefined) chownSync(dir, user.uid, user.gid);
  const data = join(dir, 'data');
  const init = ['-D', data, '-U', 'aevent', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await promisify(execFile)(join(bin, 'initdb'), init, { ...user, cwd: dir });
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', dir, '-c', 'fsync=off'];
  return start(join(bin, 'postgres'), args, port, dir, user);
}

/** The servers that programs may need: how to start one (gives undefined if it is not installed), and which variable tells its port. */
export const REDIS = { debian: 'redis-server', port: 'REDIS_PORT', start: startRedis };
export const POSTGRES = { debian: 'postgresql', port: 'POSTGRES_PORT', start: startPostgres };
