// Work that computes, of a real package: a page of Markdown, some 20 ms of it.
import { Marked } from 'marked';

const SECTIONS = 100;
const text = Array.from(
  { length: SECTIONS },
  (_, i) =>
    `## Section ${i}\n\nSome **bold** text with a [link](https://example.com/${i}) and \`code\`.\n\n- one\n- two\n- *three*\n`,
).join('\n');

export default function render() {
  return new Marked().parse(text).length;
}
