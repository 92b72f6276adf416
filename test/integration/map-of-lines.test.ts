import { SourceMap, type SourceMapPayload } from 'node:module';
import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';
import { ofLines } from '../../integration/support/map-of-lines.mjs';

const source = `
interface Gone { readonly a: string }
export class Made {
  #state: 'one' | 'two' = 'one';

  step(by: number, how: Gone): number {
    return by < 0 ? -by : [1, 2, 3].map((one) => one * by + how.a.length).reduce((sum, one) => sum + one, 0);
  }
}
`;

it('gives the line of each line, with less', () => {
  const { code, map } = transformSync(source, { loader: 'ts', sourcemap: true, sourcefile: 'made.ts' });
  const thin = ofLines(map);
  expect(thin.length).toBeLessThan(map.length);
  const [all, few] = [map, thin].map((text) => new SourceMap(JSON.parse(text) as SourceMapPayload));
  code.split('\n').forEach((text, line) => {
    if (text === '' || text.startsWith('//')) return;
    const lineOf = (of: SourceMap | undefined): unknown =>
      Reflect.get(of?.findEntry(line, text.length - 1) ?? {}, 'originalLine');
    expect([text, lineOf(few)]).toEqual([text, lineOf(all)]);
  });
});
