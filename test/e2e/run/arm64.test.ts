// RUN for arm64 on another machine: programs of arm64 in the sandbox, under its filter, by qemu-user that the kernel starts for
// them. The emulator is registered in a user namespace of the test's own (man 5 binfmt_misc; Linux 6.7).

import { execFileSync, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";

const workspace = new Workspace();
afterAll(() => workspace.remove());

/** ELF files of arm64. `F` opens the emulator now, since roots of steps have none. */
const MAGIC = String.raw`\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00`;
const MASK = String.raw`\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff`;
const ENTRY = `:tsbuild-test:M::${MAGIC}:${MASK}:/usr/bin/qemu-aarch64-static:F`;

const WITH_EMULATOR = `
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
printf %s "$0" >/proc/sys/fs/binfmt_misc/register
exec "$@"
`;

const SOURCE = `
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>
int main(void) {
  struct utsname machine;
  uname(&machine);
  FILE *file = fopen("/made", "w");
  fprintf(file, "%s %s\\n", machine.machine, machine.nodename);
  printf("%s, mount: %s\\n", machine.machine, mount("x", "/", "tmpfs", 0, "") ? strerror(errno) : "done");
  return fclose(file);
}
`;

test.each([[], ["--oci-runtime=crun"], ["--oci-runtime=runc"]])(
  "is emulated, and confined as all steps are %s",
  (...runtime) => {
    const context = workspace.files("arm64", {
      "probe.c": SOURCE,
      Dockerfile: 'FROM scratch\nCOPY probe /\nRUN ["/probe"]\n',
    });
    execFileSync("aarch64-linux-gnu-gcc", ["-static", "-O2", "-o", join(context, "probe"), join(context, "probe.c")]);
    const build = [
      resolve("bin/tsbuild"),
      "build",
      "--progress=plain",
      "--no-cache",
      "--platform=linux/arm64",
      ...runtime,
      context,
    ];
    const words = ["--user", "--map-root-user", "--mount", "sh", "-ec", WITH_EMULATOR, ENTRY, ...build];
    const env = { PATH: process.env.PATH, TSBUILD_HOME: workspace.home };
    const { status, stderr } = spawnSync("unshare", words, { encoding: "utf8", env });
    expect(status, stderr).toBe(0);
    expect(stderr).toMatch(/ aarch64, mount: (Operation not permitted|Permission denied)\n/);
  },
);
