// Whose files are: `--chown` and the USER of a WORKDIR, as numbers (S-093 to S-095).

import { resolveOwner } from "../sandbox/index.js";

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
  if (/^\d+:\d+$/.test(spec) || !readFile) return resolveOwner(spec, {});
  const [passwd, group] = await Promise.all([readFile("etc/passwd"), readFile("etc/group")]);
  return resolveOwner(spec, { passwd, group });
}
