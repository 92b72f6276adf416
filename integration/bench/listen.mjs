/** Listens on any port and tells the parent process where. */
export function listen(server) {
  server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
}
