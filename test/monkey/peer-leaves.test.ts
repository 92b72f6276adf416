// While synchronous code blocks in plain Node, nothing is heard of the peer that leaves.
import { expect, it } from 'vitest';
import { report } from './fixture.js';

it.concurrent.each([
  ['a handler whose client leaves in the middle of a body', /^body of,aborted,error,response close$/],
  [
    'a listener of data whose client leaves in the middle of a body',
    /^body of,aborted,error,response close$/,
  ],
  [
    'a handler of a response whose server leaves in the middle of it',
    /^body of,aborted,error,request close$/,
  ],
  [
    'a listener of data whose server leaves in the middle of a response',
    /^body of,aborted,error,request close$/,
  ],
  ['a handler of a response whose server resets the connection after it', /^body all,end,request close$/],
  ['a listener of data whose server resets the connection after a response', /^body all,end,request close$/],
  ['a handler and a listener of end', /got body$/],
  ['a handler and a listener of data', /got body$/],
  ['a handler that has begun its answer', /begun,.*ended/s],
  ['an async handler', /got body$/],
  ['handlers of requests in one go', /got one.*got two.*got three$/s],
  ['a handler that has the client go on', /got body$/],
  ['a handler whose client resets the connection', /^body$/],
  ['a handler that closes the server after a long answer', /^20000004$/],
  ['a handler of HTTP/2 that has answered', /^object,false$/],
  ['code that has made a child', /callback EPIPE,error EPIPE/],
])('%s that blocks is done, as natively, when its peer has left', async (way, expected) => {
  const natively = await report<unknown>(['peer-leaves.mjs', way]);
  expect(String(natively)).toMatch(expected);
  expect(await report(['--import', 'aevent/auto', 'peer-leaves.mjs', way])).toEqual(natively);
});
