// WHATWG streams, Blob, fetch's bodies: their callbacks are promise jobs, mostly.
async function all(readable) {
  const chunks = [];
  for await (const chunk of readable) chunks.push(chunk);
  return chunks;
}

export default [
  {
    name: 'ReadableStream: start, pull, cancel and size',
    async run(stop, id) {
      const log = [];
      const source = () => ({
        start: () => void log.push(stop('start')),
        pull: (controller) => {
          controller.enqueue(stop(id));
          if (log.push('pull') > 2) controller.close();
        },
        cancel: () => void log.push(stop('cancel')),
      });
      const chunks = await all(new ReadableStream(source(), { highWaterMark: 0, size: () => stop(1) }));
      const other = new ReadableStream(source(), { highWaterMark: 0 });
      await other.cancel();
      return [chunks, log.at(-1)];
    },
    expected: (id) => [[id, id], 'cancel'],
  },
  {
    name: 'WritableStream: start, write, close and abort',
    async run(stop, id) {
      const log = [];
      const sink = {
        start: () => void log.push(stop('start')),
        write: (chunk) => void log.push(stop(chunk)),
        close: () => void log.push(stop('close')),
      };
      const writer = new WritableStream(sink).getWriter();
      await writer.write(id);
      await writer.close();
      const aborted = new WritableStream({ abort: (reason) => void log.push(stop(reason)) });
      await aborted.abort('abort');
      return log;
    },
    expected: (id) => ['start', id, 'close', 'abort'],
  },
  {
    name: 'TransformStream and pipeThrough',
    async run(stop, id) {
      const transform = new TransformStream({
        transform: (chunk, controller) => controller.enqueue(stop(chunk * 2)),
        flush: (controller) => controller.enqueue(stop('end')),
      });
      return all(ReadableStream.from([id, id + 1]).pipeThrough(transform));
    },
    expected: (id) => [2 * id, 2 * id + 2, 'end'],
  },
  {
    name: 'ReadableStream.from an async iterable, and tee',
    async run(stop, id) {
      const [one, two] = ReadableStream.from(
        (async function* () {
          yield stop(id);
          yield stop(id + 1);
        })(),
      ).tee();
      return Promise.all([all(one), all(two)]);
    },
    expected: (id) => [
      [id, id + 1],
      [id, id + 1],
    ],
  },
  {
    name: 'TextDecoderStream, CompressionStream and Blob',
    async run(stop, id) {
      const blob = new Blob([stop(`text ${id}`)]);
      const back = blob
        .stream()
        .pipeThrough(new CompressionStream('gzip'))
        .pipeThrough(new DecompressionStream('gzip'))
        .pipeThrough(new TextDecoderStream());
      const whole = (await all(back)).map((part) => stop(part)).join('');
      return [whole, stop(await blob.text()), new TextDecoder().decode(stop(await blob.arrayBuffer()))];
    },
    expected: (id) => Array(3).fill(`text ${id}`),
  },
  {
    name: 'Response and Request over a stream that suspends',
    async run(stop, id) {
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode(stop(`{"id":${id}}`)));
          controller.close();
        },
      });
      return new Response(body).json();
    },
    expected: (id) => ({ id }),
  },
];
