// What credential helpers answered: each is asked once for a registry, as long as the registry takes what it gave.

import type { Environment } from "../net/index.js";
import { askHelper, type HelperOptions } from "./credential-helper.js";
import type { Credentials } from "./keychain.js";

type Answers = Map<string, Promise<Credentials | undefined>>;

const ANSWERS = new WeakMap<Environment, Answers>();

/** As `askHelper`, once for each helper and server in an environment. Failures are not kept. */
export function helperAnswer(name: string, server: string, options: HelperOptions): Promise<Credentials | undefined> {
  const answers = answersIn(options.environment);
  const key = keyOf(name, server);
  const known = answers.get(key);
  if (known !== undefined) return known;
  const answer = askHelper(name, server, options);
  answers.set(key, answer);
  answer.catch(() => answers.delete(key));
  return answer;
}

/** The next one who wants to know asks the helper again. */
export function forgetHelperAnswer(name: string, server: string, environment: Environment): void {
  answersIn(environment).delete(keyOf(name, server));
}

function answersIn(environment: Environment): Answers {
  const answers = ANSWERS.get(environment) ?? new Map();
  ANSWERS.set(environment, answers);
  return answers;
}

function keyOf(name: string, server: string): string {
  return `${name} ${server}`;
}
