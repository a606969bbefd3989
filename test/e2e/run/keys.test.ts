// What makes a RUN run again, what its mounts keep between steps, and what they leave in its layer (S-122, S-132 to S-134, S-141).

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { BuildOptions } from "../../../index.js";
import { RunBench } from "../../helpers/run-bench.js";

const bench = new RunBench({ file: "content", other: "other" });
afterAll(() => bench.close());

const built = async (text: string, options: BuildOptions = {}) => {
  const run = await bench.build(text, options);
  if (run.error) throw run.error;
  return run;
};

/** Whether a build after another found its last step in the cache. */
async function isCached(text: string, options: BuildOptions = {}): Promise<boolean> {
  const { events } = await built(text, options);
  const done = events.filter((event) => event.type === "done" && event.layer).at(-1);
  return done?.type === "done" && done.cached === true;
}

describe("the key of a RUN (S-141)", () => {
  const rows: [what: string, first: string, second: string, cached: boolean, options?: BuildOptions][] = [
    ["the same", "RUN : 1", "RUN : 1", true],
    ["a comment and spaces", "RUN : 2", "# x\nRUN   : 2", true],
    ["arguments", "RUN : 3", "RUN : 3 x", false],
    ["the form", "RUN true", 'RUN ["true"]', false],
    ["a variable of the environment", "ENV A=1\nRUN : 4", "ENV A=2\nRUN : 4", false],
    ["an argument that is declared", "ARG A=1\nRUN : 5", "ARG A=2\nRUN : 5", false],
    ["a label", "LABEL a=1\nRUN : 6", "LABEL a=2\nRUN : 6", true],
    ["the directory", "WORKDIR /tmp\nRUN : 7", "WORKDIR /etc\nRUN : 7", false],
    ["the user", "USER 1\nRUN : 8", "USER 2\nRUN : 8", false],
    ["the files below", "RUN echo 1 >/x\nRUN : 9", "RUN echo 2 >/x\nRUN : 9", false],
    ["how equal files below came there", "RUN echo 1 >/y\nRUN : 10", "RUN printf '1\\n' >/y\nRUN : 10", true],
    ["the network", "RUN : 11", "RUN --network=none : 11", false],
    ["the security", "RUN : 12", "RUN --security=insecure : 12", false, { allow: ["security.insecure"] }],
    ["the target of a mount", "RUN --mount=type=tmpfs,target=/a : 13", "RUN --mount=type=tmpfs,target=/b : 13", false],
    ["the type of a mount", "RUN --mount=type=tmpfs,target=/a : 14", "RUN --mount=type=cache,target=/a : 14", false],
    [
      "the size of a tmpfs",
      "RUN --mount=type=tmpfs,target=/a,size=1m : 15",
      "RUN --mount=type=tmpfs,target=/a,size=2m : 15",
      false,
    ],
    [
      "id and sharing of a cache (S-132)",
      "RUN --mount=type=cache,target=/c,id=a : 17",
      "RUN --mount=type=cache,target=/c,id=b,sharing=locked : 17",
      true,
    ],
    ["the hostname", "RUN : 18", "RUN : 18", false, { run: { hostname: "other" } }],
  ];

  test.each(rows)("%s", async (_, first, second, cached, options = {}) => {
    await built(first, options.run ? {} : options);
    expect(await isCached(second, options)).toBe(cached);
  });

  test("content of a cache mount, whoever changed it (S-132)", async () => {
    const step = "RUN --mount=type=cache,target=/c cat /c/* 2>/dev/null; date +%N >/c/x";
    await built(step);
    await built("RUN --mount=type=cache,target=/c echo changed >/c/x");
    expect(await isCached(step)).toBe(true);
  });

  test("the content of a file that is bound, and no other (S-130)", async () => {
    const step = "RUN --mount=source=file,target=/f cat /f";
    await built(step);
    writeFileSync(join(bench.context, "other"), "changed");
    expect(await isCached(step)).toBe(true);
    writeFileSync(join(bench.context, "file"), "changed");
    expect((await built(step)).output).toBe("changed");
  });
});

describe("cache mounts of builds at the same time (S-133)", () => {
  /** Two builds that each stay in the mount for a while, and say so. */
  const both = async (sharing: string) => {
    const step = (name: string) =>
      `RUN --mount=type=cache,target=/c,id=${sharing},sharing=${sharing} : ${sharing}; echo in-${name} >>/c/log; sleep 0.4; echo out-${name} >>/c/log; cat /c/log`;
    await Promise.all(["a", "b"].map((name) => built(step(name))));
    return (
      await built(`RUN --mount=type=cache,target=/c,id=${sharing},sharing=${sharing} : ${sharing}; cat /c/log`)
    ).output
      .trim()
      .split("\n")
      .map((line) => line.split("-")[0]);
  };

  test("locked: one after the other", async () => expect(await both("locked")).toEqual(["in", "out", "in", "out"]));
  test("shared: side by side", async () => expect(await both("shared")).toEqual(["in", "in", "out", "out"]));
  test("private: each in its own", async () => expect(await both("private")).toEqual(["in", "out"]));
});

test("--no-cache begins with empty cache mounts, once in a build (S-134)", async () => {
  const step = "RUN --mount=type=cache,target=/c,id=fresh";
  await built(`${step} echo old >/c/old`);
  const { output } = await built(`${step} ls /c; echo new >/c/new\n${step} ls /c`, { noCache: true });
  expect(output).toBe("new\n");
});

describe.each(["built-in", "crun", "runc"])("mount points that the image lacks, on %s (S-122, S-125)", (ociRuntime) => {
  const options = { ociRuntime, noCache: true };
  const mounts =
    "--mount=type=tmpfs,target=/new/deep/t --mount=type=cache,target=/var/c --mount=source=file,target=/etc/bound";

  test("are gone from the layer, and the times of their parents are as before", async () => {
    const times = "stat -c '%n %Y' / /etc /var";
    const { output } = await built(
      `RUN ${times}\nRUN ${mounts} ls -d /new/deep/t /var/c /etc/bound\nRUN ${times}; ls -d /new /var/c /etc/bound 2>/dev/null; true`,
      options,
    );
    const lines = output.trim().split("\n");
    expect(lines.slice(3, 6).sort()).toEqual(["/etc/bound", "/new/deep/t", "/var/c"]);
    expect(lines.slice(6)).toEqual(lines.slice(0, 3));
  });

  test("are gone from the layer of a step on nothing, which had no /proc, /sys and /dev", async () => {
    const text = `FROM scratch\nCOPY --from=busybox /bin /bin\nRUN ${mounts} ["/bin/true"]\nRUN ["/bin/busybox", "ls", "-a", "/"]`;
    expect((await built(text, options)).output.trim().split("\n").sort()).toEqual([
      ".",
      "..",
      "bin",
      "dev",
      "etc",
      "proc",
      "sys",
    ]);
  });
});
