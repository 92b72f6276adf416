// ioredis against a real Redis: commands, a pipeline, a transaction, a script, blocking pops, messages, errors.
import { once } from 'node:events';
import { Redis } from 'ioredis';

const options = { host: '127.0.0.1', port: Number(process.env.REDIS_PORT), keyPrefix: `p${process.pid}:` };
const redis = new Redis(options);
const other = new Redis(options);
console.log(await redis.ping(), await redis.set('greeting', 'hello'), await redis.get('greeting'));
console.log(await redis.hset('hash', { a: 1, b: 2 }), await redis.hgetall('hash'));
const pipeline = redis.pipeline();
for (let i = 0; i < 100; i++) pipeline.incr('counter');
const results = await pipeline.exec();
console.log(
  results.every(([error]) => error === null),
  results.at(-1),
);
const transaction = await redis.multi().set('x', '1').incr('x').lpop('x').exec();
console.log(transaction.map(([error, result]) => String(error ?? result)));
console.log(await redis.eval('return { KEYS[1] ~= nil, ARGV[1] }', 1, 'k', 'argument'));
const popped = redis.brpop('list', 5);
await other.lpush('list', 'pushed');
console.log((await popped)[1]);
await redis.get('hash').catch(({ message }) => console.log(message));
const subscriber = new Redis({ ...options, keyPrefix: '' });
await subscriber.subscribe(`channel${process.pid}`);
const message = once(subscriber, 'message');
await redis.publish(`channel${process.pid}`, 'news');
console.log((await message)[1]);
await redis.set('large', 'x'.repeat(1_000_000));
console.log((await redis.get('large')).length);
const gets = await Promise.all(
  Array.from({ length: 200 }, async (_, i) => {
    await redis.set(`key${i}`, i);
    return redis.get(`key${i}`);
  }),
);
console.log(gets.join());
console.log(await redis.del('greeting', 'hash', 'counter', 'large', 'x', ...gets.map((_, i) => `key${i}`)));
await Promise.all([redis.quit(), other.quit(), subscriber.quit()]);
const nobody = new Redis({ host: '127.0.0.1', port: 1, retryStrategy: () => null, maxRetriesPerRequest: 0 });
nobody.on('error', ({ code }) => console.log(code));
await new Promise((resolve) => nobody.on('end', resolve));
console.log('ended');
