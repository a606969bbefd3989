// Steps of another build of a Dockerfile, found by what stands for the same there.

export interface StepPlace {
  readonly stage: string;
  readonly platform: string;
  /** Where it stands in the stage. */
  readonly position: number | undefined;
  /** The instruction, without `[builder 2/5]` in front. */
  readonly text: string;
}

export class StepIndex<Value> {
  readonly #values = new Map<string, Value>();

  constructor(steps: Iterable<readonly [StepPlace, Value]>) {
    for (const [place, value] of steps) for (const name of namesOf(place)) this.#add(name, value);
  }

  /** What is known of the same text at the same place of the stage, else of the same text, else of the same place. */
  find(place: StepPlace): Value | undefined {
    for (const name of namesOf(place)) {
      const value = this.#values.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** Of instructions that are equal the first counts. */
  #add(name: string, value: Value): void {
    if (!this.#values.has(name)) this.#values.set(name, value);
  }
}

/** The best first. */
function namesOf({ stage, platform, position, text }: StepPlace): string[] {
  const where = `${stage}\n${platform}\n`;
  const byText = `${where}text ${text}`;
  if (position === undefined) return [byText];
  return [`${where}both ${position} ${text}`, byText, `${where}place ${position}`];
}
