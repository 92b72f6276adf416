// 200 requests at once to a server of this process, whose handlers write records, beside other work that keeps the event
// loop for longer than the budget of cheap calls in every turn. What the programs that use it print must not depend on it.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const REQUESTS = 200;
const STEPS = 3;
/** More cheap calls than one piece may make before the loop turns (see `runtime/patching/cheap-calls.ts`). */
export const MANY = 300;
const BUSY_MS = 3;

/** A folder that is gone when the process ends. */
export function folder() {
  const place = mkdtempSync(join(tmpdir(), 'aevent-records-'));
  process.on('exit', () => rmSync(place, { recursive: true, force: true }));
  return place;
}

/** Calls `handle(id)` for each request; resolves when all are answered. */
export async function requests(handle) {
  let immediate;
  const beBusy = () => {
    const until = performance.now() + BUSY_MS;
    while (performance.now() < until);
    immediate = setImmediate(beBusy);
  };
  const failures = [];
  const server = createServer(async (request, response) => {
    try {
      await handle(Number(request.url.slice(1)));
    } catch (error) {
      failures.push(error);
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  beBusy();
  const { port } = server.address();
  const answered = (id) =>
    new Promise((resolve, reject) => {
      const asked = get({ port, host: '127.0.0.1', path: `/${id}`, agent: false }, (response) => {
        response.resume().on('end', resolve);
      });
      asked.on('error', reject);
    });
  await Promise.all(Array.from({ length: REQUESTS }, (_, id) => answered(id)));
  clearImmediate(immediate);
  server.close();
  if (failures.length > 0) throw new AggregateError(failures, String(failures[0]));
}

const recordsOfEach = (steps, write) =>
  requests((id) => {
    for (let step = 0; step < steps; step++) write({ id, step });
  });

/** Writes three records in each request, which is never put aside in between if it makes cheap calls only. */
export const threeRecords = (write) => recordsOfEach(STEPS, write);

/** Writes so many records in each request that it is put aside in between if each is a cheap call. */
export const manyRecords = (write) => recordsOfEach(MANY, write);

/** Says of records, as they lie in a file, whether each is there once, and those of a request in order. */
export function verdict(records, steps = STEPS) {
  const next = new Map();
  const wrong = [];
  for (const { id, step } of records) {
    if ((next.get(id) ?? 0) !== step) wrong.push(`${id}.${step} where ${id}.${next.get(id) ?? 0} should be`);
    next.set(id, step + 1);
  }
  const complete = [...next.values()].filter((count) => count === steps).length;
  const lost = complete === REQUESTS ? '' : `; only ${complete} requests are complete`;
  return `${records.length} records of ${next.size} requests, ${wrong.slice(0, 3).join(', ') || 'each once and in order'}${lost}`;
}

/** The records of files with a JSON value a line. */
export const recordsIn = (...files) =>
  files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line)),
  );
