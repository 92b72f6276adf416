// Counts of durations in buckets that are an eighth of a power of two wide: to add one costs a few nanoseconds, where a
// histogram of node:perf_hooks takes sixty. log-buckets.h of the native core fills such buckets, too.

/** How many buckets there are: up to 2 ** 31 microseconds. */
export const BUCKETS = 240;

/** The bucket of a duration in microseconds. */
export function bucketOf(us: number): number {
  const whole = us < 2147483647 ? us | 0 : 2147483647;
  if (whole < 8) return whole;
  const power = 31 - Math.clz32(whole);
  return (power - 2) * 8 + ((whole >> (power - 3)) & 7);
}

/** The middle of a bucket, in nanoseconds. */
export function middleOfBucketNs(bucket: number): number {
  if (bucket < 8) return bucket * 1000 + 500;
  const power = (bucket >> 3) + 2;
  const width = 2 ** (power - 3);
  return (2 ** power + (bucket & 7) * width + width / 2) * 1000;
}
