// Which steps of a build ran, as `--progress=plain` tells.

import type { CliResult } from "./cli.js";

/** Instructions that were not cached, or not for long. */
export function ran({ stderr }: CliResult): string[] {
  const steps = stderr.matchAll(/^#(\d+) \[(?:\S+ )?\d+\/\d+\] ((?:RUN|COPY|WORKDIR) .*)$/gm);
  const names = new Map([...steps].map(([, id, name]) => [id!, name!]));
  const ends = new Map([...stderr.matchAll(/^#(\d+) (CACHED|DONE)/gm)].map(([, id, end]) => [id!, end!]));
  return [...names].flatMap(([id, name]) => (ends.get(id) === "CACHED" ? [] : [name]));
}
