// Sizes and shares as the page shows them.

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** Decimal units, three digits: `0 B`, `1.23 MB`. */
export function size(bytes: number): string {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${bytes < 0 ? "−" : ""}${Number(value.toPrecision(3))} ${UNITS[unit]}`;
}

/** With its sign: `+1.2 MB`, `−3 kB`, `±0 B`. */
export function change(bytes: number): string {
  return bytes > 0 ? `+${size(bytes)}` : bytes < 0 ? size(bytes) : "±0 B";
}

/** `12.5 %`; of nothing it is nothing. */
export function share(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${Number(((100 * part) / whole).toFixed(1))} %`;
}

/** `1 file`, `2 files` */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;
}
