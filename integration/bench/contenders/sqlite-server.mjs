// An Express server over better-sqlite3 that knows nothing of aevent: it answers point queries, and a report that takes long.
import { createServer } from 'node:http';
import Database from 'better-sqlite3';
import express from 'express';
import { listen } from '../listen.mjs';
import { gapRoute, ITEM, makeFile, REPORT } from './sqlite-data.mjs';

const file = makeFile();
const item = new Database(file).prepare(ITEM);
const report = new Database(file, { readonly: true }).prepare(REPORT);

const app = express();
app.get('/', (_request, response) => response.json(item.get(1 + Math.floor(9 * Math.random()))));
app.get('/report', (_request, response) => response.json(report.get()));
app.get('/gap', gapRoute());
listen(createServer(app));
