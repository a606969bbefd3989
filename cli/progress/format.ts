// Numbers as docker prints them.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Decimal units, two digits after the point: `227B`, `10.49MB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(2)}${UNITS[unit]}`;
}

/** `7.4s` */
export function formatSeconds(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`;
}

/** Seconds in five characters, as before a log line: `1.302`, `12.31`, `125.2`. */
export function formatClock(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  const digits = seconds < 10 ? 3 : seconds < 100 ? 2 : 1;
  return seconds.toFixed(digits);
}

/** `transferring dockerfile: 227B`, `sha256:… 10.49MB / 29.12MB` */
export function formatAmount({ id, current, total }: { id: string; current?: number; total?: number }): string {
  if (total) return `${id} ${formatBytes(current ?? 0)} / ${formatBytes(total)}`;
  return current ? `${id} ${formatBytes(current)}` : id;
}
