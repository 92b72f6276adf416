// vitest with aevent/vitest.
export default { test: { include: ['vitest.mjs'], execArgv: ['--import', 'aevent/register'] } };
