// The server of sqlite-server.mjs, its queries made by Workers and messages, by hand.
import { createServer } from 'node:http';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';
import express from 'express';
import { listen } from '../listen.mjs';
import { gapRoute, ITEM, makeFile, REPORT } from './sqlite-data.mjs';

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
  const app = express();
  app.get('/', async (_request, response) => response.json(await item(1 + Math.floor(9 * Math.random()))));
  app.get('/report', async (_request, response) => response.json(await report()));
  app.get('/gap', gapRoute());
  listen(createServer(app));
} else {
  const statement = new Database(workerData.file).prepare(workerData.sql);
  parentPort.on('message', ([id, args]) => parentPort.postMessage([id, statement.get(...args)]));
}
