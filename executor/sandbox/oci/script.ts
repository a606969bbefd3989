// The shell script that runs an OCI runtime inside of namespaces of its own. So the root's mount is in no other process's
// view, and whatever the runtime leaves running ends with the script.

import { DEVICES } from "../policy.js";
import type { Privilege } from "../privilege.js";

/**
 * Arguments: the container's id, then the runtime with its global flags. Works in the directory that `layOut` made:
 *
 *     bundle/config.json, bundle/rootfs   what the runtime reads
 *     devices/                            nodes that the bundle mounts in /dev, see config.ts
 *     tmpfs/list, tmpfs/0…                the step's own tmpfs mounts: a directory's name and options on each line
 *     mounts                              shell commands that mount the root and the step's own overlays; see mounts.ts
 *     cgroups                             cgroups to be in, a directory on each line
 *     secrets/                            what descriptor 5 says, in memory: a mount's number, owner, mode and base64 on each line
 *     state/, log, pid                    what the runtime writes
 *     status                              the exit code of the runtime, when it ended by itself
 *
 * Descriptor 1 is for the command's output and 4 for its errors; 2 is for the script's own. Both go through pipes, because
 * a command cannot open a socket as /dev/stdout. With TERMINAL set, they are the command's as they are, and what is typed there
 * to end it is for the command, not for the script. When the other end of 3 closes, everything is killed.
 * In a user namespace no devices can be made: there the runtime binds the host's.
 */
export const SCRIPT = `
id=$1
shift
while read -r group; do echo 0 >"$group/cgroup.procs" || exit 1; done <cgroups
mount -t tmpfs -o nosuid,nodev,noexec,mode=700 tmpfs secrets || exit 1
while read -r name owner mode value; do
  : >"secrets/$name" && chmod 600 "secrets/$name" && printf %s "$value" | base64 -d >"secrets/$name" || exit 1
  chown "$owner" "secrets/$name" && chmod "$mode" "secrets/$name" || exit 1
done <&5
exec 5<&-
. ./mounts
while read -r name options; do mount -t tmpfs -o "$options" tmpfs "tmpfs/$name" || exit 1; done <tmpfs/list
if [ -z "$USER_NAMESPACE" ]; then
  mount -t tmpfs -o nosuid,mode=755 tmpfs devices || exit 1
  umask 0
  cp -R ${DEVICES.map(([name]) => `/dev/${name}`).join(" ")} devices || exit 1
  umask 022
fi
if [ ! -e /sys/fs/cgroup/cgroup.controllers ]; then mount -t cgroup2 cgroup2 /sys/fs/cgroup || exit 1; fi
{
  cat <&3
  "$@" delete --force "$id"
  kill -KILL -1
} >/dev/null 2>&1 4>&- &
if [ -n "$TERMINAL" ]; then
  exec 3<&-
  if [ "$TERMINAL" = own ]; then exec 4>&1; fi
  trap : INT QUIT
  "$@" run --pid-file "$PWD/pid" --bundle bundle "$id" 2>&4 4>&-
  echo $? >ended
else
  exec 3<&- 5>&1
  {
    {
      "$@" run --pid-file "$PWD/pid" --bundle bundle "$id" 4>&- 5>&- 6>&-
      echo $? >ended
    } 2>&1 >&6 | cat >&4
  } 6>&1 | cat >&5
fi
if [ -n "$SERVED" ]; then release || exit 1; fi
read -r code <ended && echo "$code" >status
[ -n "$USER_NAMESPACE" ] || rmdir "/sys/fs/cgroup/$id" 2>/dev/null
`;

/** What of util-linux the script is started with. A user gets a user namespace, in which the user's id is root's. */
export function unshareArgs({ kind }: Privilege): readonly string[] {
  const user = kind === "user" ? ["--user", "--map-root-user"] : [];
  const cgroup = kind === "root" ? [] : ["--cgroup"]; // a mount of cgroup2 needs one that the user namespace owns
  return [...user, ...cgroup, "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
}
