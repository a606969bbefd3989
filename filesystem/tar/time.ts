// Times in PAX records: decimal seconds since the epoch, with as many places as are needed.

const NANOSECONDS = 1_000_000_000;

export interface Time {
  /** Whole seconds, rounded down. */
  readonly mtime: number;
  readonly mtimeNs: number;
}

/** `-1.5` is one and a half seconds before the epoch. Undefined for what is no time. */
export function parseTime(text: string): Time | undefined {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, digits, fraction = ""] = match;
  const seconds = Number(digits);
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, "0"));
  if (sign !== "-") return { mtime: seconds, mtimeNs: nanoseconds };
  if (nanoseconds === 0) return { mtime: seconds === 0 ? 0 : -seconds, mtimeNs: 0 };
  return { mtime: -seconds - 1, mtimeNs: NANOSECONDS - nanoseconds };
}

export function formatTime({ mtime, mtimeNs }: Time): string {
  if (mtimeNs === 0) return String(mtime);
  if (mtime >= 0) return `${mtime}.${places(mtimeNs)}`;
  return `-${-mtime - 1}.${places(NANOSECONDS - mtimeNs)}`;
}

function places(nanoseconds: number): string {
  return String(nanoseconds).padStart(9, "0").replace(/0+$/, "");
}
