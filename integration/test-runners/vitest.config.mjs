// vitest as a project has it that calls aevent itself.
export default { test: { globals: true, include: ['tests/*.mjs'], maxWorkers: 2 } };
