// The work of server.mjs and server.cjs, with the builtins that they have.
const CLIENTS = 3;
const { agent } = globalThis;
const file = import.meta.filename;

export async function converse({ execSync, readFileSync, http }) {
  const server = http.createServer((request, response) => {
    execSync('sleep 0.05');
    const size = agent.span('handler', () => {
      execSync('true');
      const { length } = readFileSync(file);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
      return agent.span('inner', () => execSync('echo 1').length + length);
    });
    setTimeout(() => {
      agent.span('timer', () => readFileSync(file));
      response.end(`${request.url} ${size > 2}`);
    }, 5);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const get = (path) =>
    new Promise((resolve, reject) => {
      http
        .get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk) => {
            text += chunk;
          });
          response.on('end', () => resolve(text));
        })
        .on('error', reject);
    });
  const paths = Array.from({ length: CLIENTS }, (_, i) => `/${i}`);
  const got = await Promise.all(paths.map((path) => agent.span(`client ${path}`, () => get(path))));
  server.close();
  server.closeAllConnections();
  // The agent ends the last spans after the responses.
  await new Promise((resolve) => setTimeout(resolve, 100));
  console.log(got.join('\n'));
  console.log(treesOf(await agent.spans()).join('\n'));
  process.exit();
}

/** One line for each span without a parent: it, and what is below it; sorted. */
function treesOf(spans) {
  const ids = new Set(spans.map(({ id }) => id));
  const below = (parent) =>
    spans.filter((span) => (ids.has(span.parent) ? span.parent : undefined) === parent);
  const draw = ({ id, name }) => {
    const children = below(id).map(draw).sort();
    return children.length > 0 ? `${name} { ${children.join(', ')} }` : name;
  };
  return below(undefined).map(draw).sort();
}
