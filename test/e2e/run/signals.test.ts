// Signals of `tsbuild run` are for its command.
// https://docs.docker.com/reference/cli/docker/container/run/#sig-proxy

import { afterAll, beforeAll, expect, test } from "vitest";
import { Workspace } from "../../helpers/cli.js";
import { baseImageFlags } from "../../helpers/images.js";

const workspace = new Workspace();
beforeAll(async () => {
  const context = workspace.files("context", { Dockerfile: "FROM busybox\n" });
  await workspace.expectSuccess(["-t", "box:1", ...(await baseImageFlags("busybox")), context]);
});
afterAll(() => workspace.remove());

interface Ended {
  readonly code: number | undefined;
  readonly stdout: string;
}

/** Runs a script, and sends signals when it says `up`: one after the other, as it answers with a line. */
async function signalled(
  script: string,
  signals: readonly NodeJS.Signals[],
  flags: readonly string[] = [],
): Promise<Ended> {
  const { child, result } = workspace.start(["run", ...flags, "box:1", "sh", "-c", script]);
  const left = [...signals];
  child.stdout!.on("data", (data: string) => {
    for (let lines = data.split("\n").length - 1; lines > 0; lines--) {
      const signal = left.shift();
      if (signal !== undefined) child.kill(signal);
    }
  });
  const { code, stdout } = await result;
  return { code, stdout };
}

const WAIT = "echo up; while :; do sleep 0.1; done";

test.each([[], ["--oci-runtime=crun"], ["--oci-runtime=runc"]])(
  "a trap runs, and its exit code is told: %s",
  async (...flags) => {
    const script = `trap "echo hup" HUP; trap "echo usr1" USR1; trap "echo gotterm; exit 7" TERM; ${WAIT}`;
    expect(await signalled(script, ["SIGUSR1", "SIGTERM"], flags)).toEqual({ code: 7, stdout: "up\nusr1\ngotterm\n" });
  },
);

test("a signal that the command does not mind ends it at once, though it is the first of its namespace", async () => {
  expect(await signalled(WAIT, ["SIGTERM"])).toEqual({ code: 143, stdout: "up\n" });
  expect(await signalled("echo up; exec sleep 100", ["SIGINT"], ["--oci-runtime=crun"])).toMatchObject({ code: 130 });
});

test("the second signal ends a command that goes on", async () => {
  const script = `trap "echo no" TERM INT; ${WAIT}`;
  expect(await signalled(script, ["SIGTERM", "SIGINT"])).toMatchObject({ code: 130, stdout: "up\nno\n" });
});
