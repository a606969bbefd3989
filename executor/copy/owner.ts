// Whose files are: `--chown` and the USER of a WORKDIR, as numbers (S-093 to S-095).

import { TsbuildError } from "../../errors.js";
import { isNumericOwner, resolveOwner } from "../sandbox/index.js";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * @param spec `user[:group]` by name or number; "" for root
 * @param readFile reads a file of the image; absent where there is no image to look into (`--link`)
 * @throws unknown_user
 */
export async function selectOwner(
  spec: string,
  readFile?: (path: string) => Promise<string | undefined>,
): Promise<Owner> {
  if (spec === "") return { uid: 0, gid: 0 };
  if (!readFile && !isNumericOwner(spec)) throw needsNumbers(spec);
  if (/^\d+:\d+$/.test(spec) || !readFile) return resolveOwner(spec, {});
  const [passwd, group] = await Promise.all([readFile("etc/passwd"), readFile("etc/group")]);
  return resolveOwner(spec, { passwd, group });
}

/** `--link` makes its layer on nothing, so there is no /etc/passwd to look into (S-088). */
function needsNumbers(spec: string): TsbuildError {
  return new TsbuildError("unknown_user", `expected numbers in --chown beside --link, found "${spec}"`, {
    hint: "Write the uid and the gid, or leave out --link.",
  });
}
