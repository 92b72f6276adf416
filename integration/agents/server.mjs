// A server whose handlers block, and its clients, under the agent that was preloaded. Prints what the clients got, and
// the agent's spans as trees.
import { execSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { converse } from './converse.mjs';

await converse({ execSync, readFileSync, http });
