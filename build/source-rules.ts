// Which policies a build obeys: that of `sourcePolicy`, then its lock file.

import { TsbuildError } from "../errors.js";
import type { BuildInputs } from "../inputs/index.js";
import type { BuildOptions } from "./options.js";
import { type Policy, readLock, readPolicy, SourceRules } from "../policy/index.js";

type RulesOptions = Pick<BuildOptions, "sourcePolicy" | "locked" | "lockFile">;

/** @throws bad_policy, not_locked; usage when nobody knows where the lock file is */
export function sourceRules(options: RulesOptions, { dockerfile }: Pick<BuildInputs, "dockerfile">): SourceRules {
  return new SourceRules([
    ...ownPolicies(options),
    ...(options.locked ? [readLock(lockFileOf(options, dockerfile))] : []),
  ]);
}

/** For what is fetched before the Dockerfile is known: the build context, and the Dockerfile itself. @throws as `sourceRules` */
export function earlyRules(options: RulesOptions): Pick<SourceRules, "source"> {
  if (options.lockFile !== undefined && !options.locked)
    throw new TsbuildError("usage", `expected a locked build, found the lock file "${options.lockFile}" alone`, {
      hint: "Add --locked, or leave out --lock-file.",
    });
  if (!options.locked) return new SourceRules(ownPolicies(options));
  const { lockFile } = options;
  if (lockFile !== undefined) return new SourceRules([...ownPolicies(options), readLock(lockFile)]);
  return {
    source: () => {
      throw unknownPlace();
    },
  };
}

/** The files that say what the rules are. @throws usage */
export function filesOfRules(
  options: RulesOptions,
  { dockerfile }: Pick<BuildInputs, "dockerfile">,
): readonly string[] {
  const { sourcePolicy, locked } = options;
  return [...(sourcePolicy === undefined ? [] : [sourcePolicy]), ...(locked ? [lockFileOf(options, dockerfile)] : [])];
}

/** Without what a lock file says. @throws bad_policy */
export function ownPolicies({ sourcePolicy }: RulesOptions): readonly Policy[] {
  return sourcePolicy === undefined ? [] : [readPolicy(sourcePolicy)];
}

/** `lockFile`, or `<Dockerfile>.lock` beside the Dockerfile. @throws usage */
export function lockFileOf({ lockFile }: RulesOptions, { file }: BuildInputs["dockerfile"]): string {
  if (lockFile !== undefined) return lockFile;
  if (file !== undefined) return `${file}.lock`;
  throw unknownPlace();
}

function unknownPlace(): TsbuildError {
  return new TsbuildError("usage", "expected the place of the lock file: the Dockerfile is no file of this machine", {
    hint: "Add --lock-file FILE.",
  });
}
