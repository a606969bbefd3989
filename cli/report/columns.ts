// Rows in columns that are as wide as their widest cell.

/**
 * @param gap blanks between columns. Nothing follows the last cell of a row.
 * @param least what a column has with its gap, if its cells are narrower
 */
export function columns(rows: readonly (readonly string[])[], gap: number, least = 0): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(least, Math.max(...rows.map((row) => row[column]!.length)) + gap),
  );
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join("")
          .trimEnd()}\n`,
    )
    .join("");
}
