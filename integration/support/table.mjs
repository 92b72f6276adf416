/** Aligns rows of strings under their columns; a column of numbers (each with its unit) to the right. */
export function formatTable(columns, rows) {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i].length)));
  const numeric = columns.map((_, i) => rows.every((row) => /^(|[<>≥≤]? ?[\d.,]+( ?\S+)?|–)$/.test(row[i])));
  const line = (cells) =>
    cells
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])))
      .join('  ')
      .trimEnd();
  return [line(columns), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)].join('\n');
}
