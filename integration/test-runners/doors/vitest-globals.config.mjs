// vitest with aevent/vitest/globals.
export default {
  test: {
    include: ['vitest-globals.mjs'],
    globals: true,
    execArgv: ['--import', 'aevent/register'],
    setupFiles: ['aevent/vitest/globals'],
  },
};
