// As server.mjs, with builtins that are required.
const { execSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const http = require('node:http');

import('./converse.mjs').then(({ converse }) => converse({ execSync, readFileSync, http }));
