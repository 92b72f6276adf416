// An Express route that answers with JSON.
import { createServer } from 'node:http';
import express from 'express';
import { listen } from '../listen.mjs';

const app = express();
app.get('/', (request, response) => {
  response.json({ hello: 'world', path: request.path });
});
listen(createServer(app));
