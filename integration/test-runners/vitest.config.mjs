export default { test: { globals: true, include: ['tests/*.mjs'], maxWorkers: 2 } };
