// What a build says on its way out: without secrets, with its time, and with the whole log of each step kept in the store.

import type { BuildDirectory } from "../cache/index.js";
import type { BuildFact, OnEvent } from "../progress.js";
import { Masking, type SecretValues } from "../secrets/index.js";

export interface Reporting {
  readonly emit: (fact: BuildFact) => void;
  /** The same error, without secrets: they are taken out of it where it is. */
  readonly mask: (error: unknown) => unknown;
}

export function reporting(secrets: SecretValues, logs: BuildDirectory, onEvent: OnEvent): Reporting {
  const masking = new Masking(secrets);
  const emit = (fact: BuildFact) => {
    for (const masked of masking.facts(fact)) onEvent({ time: Date.now(), ...withLog(masked, logs) });
  };
  return { emit, mask: (error) => masking.error(error) };
}

function withLog(fact: BuildFact, logs: BuildDirectory): BuildFact {
  if (fact.type === "output") logs.write(fact.vertex, fact.data);
  if (fact.type !== "failed") return fact;
  const log = logs.path(fact.vertex);
  return { ...fact, ...(log !== undefined && { log }) };
}
