// Lists in environment variables.

/** The entries of a list with commas, without the space around them and without empty ones. */
export function entriesOf(list: string | undefined): string[] {
  return (list ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
