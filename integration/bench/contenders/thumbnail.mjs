// A picture that sharp makes smaller, on one processor.
import sharp from 'sharp';

const [WIDTH, HEIGHT] = [3000, 2000];
const pixels = Buffer.alloc(3 * WIDTH * HEIGHT, 'aevent');

sharp.concurrency(1);

/** Gives its bytes as a PNG. */
export function thumbnail(width) {
  const raw = { width: WIDTH, height: HEIGHT, channels: 3 };
  return sharp(pixels, { raw }).resize(width).png({ compressionLevel: 9 }).toBuffer();
}
