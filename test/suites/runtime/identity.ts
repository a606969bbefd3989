// Who the command is: ids, capabilities, limits.

import { describe, expect, test } from "vitest";
import type { StepOptions } from "../../helpers/step.js";
import type { Abilities, RuntimeUnderTest } from "../runtime.js";

/** The 14 capabilities of Docker's default, as /proc writes them. */
const DEFAULT_MASK = "00000000a80425fb";
const NO_CAPABILITY = "0000000000000000";

export function identityTests(subject: () => RuntimeUnderTest, can: Abilities): void {
  const status = async (options: StepOptions = {}): Promise<Map<string, string>> => {
    const { bench, runtime } = subject();
    const { stdout } = await bench.run(runtime, ["cat", "/proc/self/status"], options);
    return new Map(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(":\t") as [string, string]),
    );
  };

  describe("identity", () => {
    if (can.hasManyIds)
      test("is the given user, group and groups (S-118)", async () => {
        const found = await status({ uid: 1234, gid: 99, groups: [99, 7, 60_000] });
        expect(found.get("Uid")).toBe("1234\t1234\t1234\t1234");
        expect(found.get("Gid")).toBe("99\t99\t99\t99");
        expect(found.get("Groups")?.trim()).toBe("7 99 60000");
      });

    test("of root has Docker's capabilities, and none to inherit", async () => {
      const found = await status();
      expect([found.get("CapPrm"), found.get("CapEff"), found.get("CapBnd")]).toEqual([
        DEFAULT_MASK,
        DEFAULT_MASK,
        DEFAULT_MASK,
      ]);
      expect([found.get("CapInh"), found.get("CapAmb")]).toEqual([NO_CAPABILITY, NO_CAPABILITY]);
    });

    if (can.hasOtherUsers)
      test("of another user has capabilities to gain only", async () => {
        const found = await status({ uid: 1, gid: 1, groups: [1] });
        expect([found.get("CapPrm"), found.get("CapEff"), found.get("CapBnd")]).toEqual([
          NO_CAPABILITY,
          NO_CAPABILITY,
          DEFAULT_MASK,
        ]);
      });

    test.each([false, true])("has no_new_privs when asked: %s", async (noNewPrivileges) => {
      expect((await status({ noNewPrivileges })).get("NoNewPrivs")).toBe(noNewPrivileges ? "1" : "0");
    });

    test("is filtered by seccomp", async () => {
      expect((await status()).get("Seccomp")).toBe("2");
    });

    test.each(can.hasOtherUsers ? [0, 1000] : [0])(
      "of an insecure step has every capability and no filter, as user %i",
      async (uid) => {
        const found = await status({ uid, gid: uid, groups: [uid], confined: false });
        expect(found.get("CapEff")).toBe(found.get("CapBnd"));
        expect(Number.parseInt(found.get("CapEff")!, 16)).toBeGreaterThan(Number.parseInt(DEFAULT_MASK, 16));
        expect(found.get("Seccomp")).toBe("0");
        expect(found.get("CapPrm")).toBe(found.get("CapBnd"));
      },
    );

    if (can.isRoot)
      test("has umask 022 (S-127) and a limit of open files", async () => {
        const { bench, runtime } = subject();
        const before = process.umask(0o077);
        const { stdout } = await bench.shell(runtime, "umask; ulimit -n").finally(() => process.umask(before));
        const [umask, files] = stdout.trim().split("\n");
        expect(umask).toBe("0022");
        expect(Number(files)).toBeLessThanOrEqual(65_536);
      });
  });
}
