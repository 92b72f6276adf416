/** Listens on any port and tells the parent process where. */
export function listen(server) {
  tellCpu();
  server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));
}

/** Tells the parent process, when that asks, how much of the processor this one has used. */
export function tellCpu() {
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send({ cpuUs: user + system });
  });
}
