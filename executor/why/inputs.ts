// The inputs of a step, as its cache record has them.

export type Inputs = Readonly<Record<string, unknown>>;

export function differs(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}
