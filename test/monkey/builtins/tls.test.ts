// tls in tasks: what Node keeps for each thread is one for all of them.
import { expect, it } from 'vitest';
import tls from '../../../dist/monkey/facades/tls.js';
import { call } from '../../../dist/runtime/index.js';

it.skipIf(tls.setDefaultCACertificates === undefined)(
  'the default certificates can be set, and are seen, in tasks and outside',
  async () => {
    const before = tls.getCACertificates();
    const [first = '', second = ''] = before;
    tls.createSecureContext();
    await call(() => tls.setDefaultCACertificates([first]));
    expect(tls.getCACertificates()).toHaveLength(1);
    tls.setDefaultCACertificates([first, second]);
    expect(await call(() => tls.getCACertificates())).toHaveLength(2);
    await call(() => tls.createSecureContext());
    tls.setDefaultCACertificates(before);
  },
);
