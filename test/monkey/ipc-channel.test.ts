// monkey/kit/ipc-channel.ts: a listener of 'message' that blocks while the other side ends the channel.
import { testAsPlainly } from './as-plainly.js';

await testAsPlainly('the channel of a child ends as in plain Node', [['channel-ends.mjs']]);
