// Source maps of lines: a segment for each line of the sources that is in a line of a bundle, where esbuild writes one for each token. A
// stack needs the line; the rest is a thirtieth of what users download.

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const MORE = 32;

/** The numbers of a segment: base 64, low digits first, the lowest bit the sign. */
function decode(segment) {
  const numbers = [];
  let value = 0;
  let scale = 1;
  for (const digit of segment) {
    const bits = DIGITS.indexOf(digit);
    value += (bits % MORE) * scale;
    scale *= MORE;
    if (bits >= MORE) continue;
    numbers.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    value = 0;
    scale = 1;
  }
  return numbers;
}

function encode(number) {
  let text = '';
  let rest = number < 0 ? -2 * number + 1 : 2 * number;
  do {
    const bits = rest % MORE;
    rest = (rest - bits) / MORE;
    text += DIGITS[rest > 0 ? bits + MORE : bits];
  } while (rest > 0);
  return text;
}

/**
 * Leaves the first segment of each line, those at which the sources' line changes, and those that name something.
 * @param map - the text of a source map, version 3
 */
export function ofLines(map) {
  const { mappings, ...others } = JSON.parse(map);
  // Source, line, column and name go on from one segment to the next, over all lines; the first number starts anew in each.
  const read = [0, 0, 0, 0];
  const written = [0, 0, 0, 0];
  const lines = mappings.split(';').map((line) => {
    let readColumn = 0;
    let writtenColumn = 0;
    const kept = [];
    for (const segment of line === '' ? [] : line.split(',')) {
      const [column, ...place] = decode(segment);
      readColumn += column;
      place.forEach((change, i) => {
        read[i] += change;
      });
      const isSame = read[0] === written[0] && read[1] === written[1];
      if (place.length === 0 || (kept.length > 0 && place.length < 4 && isSame)) continue;
      const changes = place.map((_, i) => read[i] - written[i]);
      kept.push([readColumn - writtenColumn, ...changes].map(encode).join(''));
      writtenColumn = readColumn;
      place.forEach((_, i) => {
        written[i] = read[i];
      });
    }
    return kept.join(',');
  });
  return JSON.stringify({ ...others, mappings: lines.join(';') });
}
