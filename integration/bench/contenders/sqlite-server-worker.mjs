// The server of sqlite-server.mjs, its queries made by Workers and messages, by hand.
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import express from 'express';
import { listen } from '../listen.mjs';
import { ITEM, makeFile, REPORT } from './sqlite-data.mjs';

function query(file, sql) {
  const worker = new Worker(new URL(import.meta.url), { workerData: { file, sql } });
  const waiting = new Map();
  let last = 0;
  worker.on('message', ([id, row]) => {
    waiting.get(id)(row);
    waiting.delete(id);
  });
  return (...args) =>
    new Promise((resolve) => {
      waiting.set(++last, resolve);
      worker.postMessage([last, args]);
    });
}

if (isMainThread) {
  const file = makeFile();
  const item = query(file, ITEM);
  const report = query(file, REPORT);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const app = express();
  app.get('/', async (_request, response) => response.json(await item(1 + Math.floor(9 * Math.random()))));
  app.get('/report', async (_request, response) => response.json(await report()));
  app.get('/gap', (_request, response) => {
    const { user, system } = process.cpuUsage();
    response.json({ p99: delay.percentile(99) / 1e6, cpuUs: user + system });
    delay.reset();
    delay.enable();
  });
  listen(createServer(app));
} else {
  const statement = new Database(workerData.file).prepare(workerData.sql);
  parentPort.on('message', ([id, args]) => parentPort.postMessage([id, statement.get(...args)]));
}
