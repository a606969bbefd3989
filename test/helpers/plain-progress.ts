// Reads `--progress=plain` back: which steps there were, and how each ended.

export type StepEnd = "CACHED" | "DONE" | "ERROR" | "CANCELED";

const END = /^#(\d+) (CACHED|DONE|ERROR|CANCELED)\b/;
/** Steps have a number in their stage; `[internal] …` and `[context …] …` have none. */
const NAME = /^#(\d+) (\[(?:\S+ +)?\d+\/\d+\] .+)$/;

/** How every step of a stage ended, by its name: `[build 2/4] RUN make`. Work that is not a step is left out. */
export function stepsOf(log: string): Map<string, StepEnd> {
  const names = new Map<string, string>();
  const ends = new Map<string, StepEnd>();
  for (const line of log.split("\n")) {
    const [, named, name = ""] = NAME.exec(line) ?? [];
    if (named && !names.has(named)) names.set(named, name);
    const [, ended = "", end] = END.exec(line) ?? [];
    const step = names.get(ended);
    if (step) ends.set(step, end as StepEnd);
  }
  return ends;
}

/** The steps that ran, without the padding of their numbers. FROM steps are left out: they bring an image, and run nothing. */
export function stepsThatRan(log: string): string[] {
  return [...stepsOf(log)]
    .filter(([name, end]) => end !== "CACHED" && !/\] FROM /.test(name))
    .map(([name]) =>
      name.replace(/^\[(.*?) ?\s*(\d+\/\d+)\]/, (_, stage, number) => `[${`${stage} ${number}`.trim()}]`),
    );
}
