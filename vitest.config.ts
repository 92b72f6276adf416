import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Tests import the built package, as users do. Inlined by vite there would be two copies of it: two hubs.
    server: { deps: { external: [/\/dist\//] } },
  },
});
