// What known escapes from containers try, from inside of RUN steps, on every runtime, as root and as ordinary users: each fails,
// and the host is as it was.

import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compiled } from "../../helpers/compile.js";
import { type PlainOptions, UserBuilds } from "../../helpers/user-builds.js";
import { PEOPLE, type Person, UserBench, USER_ID } from "../../helpers/users.js";

const probe = compiled(join(import.meta.dirname, "../../helpers/escape-probe.c"));
const bench = new UserBench();
const builds = Object.fromEntries(PEOPLE.map((person) => [person, new UserBuilds(bench, person)]));

beforeAll(() => {
  for (const { context } of Object.values(builds)) {
    writeFileSync(join(context, "file"), "of the context");
    copyFileSync(probe, join(context, "escape-probe"));
  }
  bench.share();
});
afterAll(async () => {
  await Promise.all(Object.values(builds).map((one) => one.close()));
  bench.close();
});

/** A file of the host that its owner alone may read, who makes the builds; and a directory beside it. */
function treasury(person: Person): string {
  const host = mkdtempSync(join(bench.path, "host-"));
  chmodSync(host, 0o755);
  writeFileSync(join(host, "treasure"), "treasure of the host", { mode: 0o600 });
  mkdirSync(join(host, "open"));
  chmodSync(join(host, "open"), 0o777);
  if (person !== "root") chownSync(join(host, "treasure"), USER_ID, USER_ID);
  return host;
}

const EVERYWHERE = PEOPLE.flatMap((person) =>
  ["built-in", "crun", "runc"].map((runtime) => [person, runtime] as const),
);

describe.each(EVERYWHERE)("as %s on %s", (person, ociRuntime) => {
  const host = treasury(person);
  const build = (text: string, options: PlainOptions = {}) =>
    builds[person]!.build(text, { ociRuntime, noCache: true, ...options });
  /** runc wants root in every user namespace: one id can be no other user there. */
  const users = person === "single" && ociRuntime === "runc" ? ["root"] : ["root", "1000"];
  const untouched = (): void => {
    expect(readFileSync(join(host, "treasure"), "utf8")).toBe("treasure of the host");
    expect(existsSync(join(host, "open/escaped"))).toBe(false);
  };

  test.each(users)("nothing that an escape needs of the kernel is allowed, as %s", async (user) => {
    const before = [hostname(), readFileSync("/proc/sys/kernel/core_pattern", "utf8")];
    const { output, error } = await build(
      `USER ${user}\nRUN --mount=type=bind,source=escape-probe,target=/probe /probe`,
    );
    expect(error).toBeUndefined();
    expect(output).toBe("done\n");
    expect([hostname(), readFileSync("/proc/sys/kernel/core_pattern", "utf8")]).toEqual(before);
  });

  test("the host's files are not reached by /proc, descriptors, .. or symlinks", async () => {
    const lines = [
      `cat /proc/self/root${host}/treasure`,
      `cat /proc/1/root${host}/treasure`,
      `cat /proc/1/cwd/../../../../..${host}/treasure`,
      `for f in /proc/*/fd/*; do cat $f${host}/treasure; done`,
      `cat ../../../../../../../../../../../..${host}/treasure`,
      `ln -s / /l; cat /l${host}/treasure`,
      `grep -o '${host}' /proc/self/mountinfo`,
    ];
    const { output } = await build(`RUN ${lines.map((line) => `(${line}) 2>/dev/null`).join("; ")}; echo done`);
    expect(output).toBe("done\n");
    untouched();
  });

  test.each([
    [
      "secret",
      `RUN rm -rf /run && ln -s ${host} /run\nRUN --mount=type=secret,id=s,target=/run/open/escaped ls /run/open`,
    ],
    ["cache", `RUN ln -s ${host}/open /c\nRUN --mount=type=cache,target=/c touch /c/escaped`],
    ["bind", `RUN ln -s ${host}/treasure /b\nRUN --mount=type=bind,source=file,target=/b,rw echo changed >/b`],
    ["tmpfs", `RUN ln -s ../../../../..${host} /t\nRUN --mount=type=tmpfs,target=/t/open touch /t/open/escaped`],
    ["a working directory", `RUN ln -s ${host}/open /w\nWORKDIR /w/escaped\nRUN touch here`],
    [
      "/etc/resolv.conf",
      `RUN rm -rf /etc && ln -s ${host} /etc && ln -s ${host}/treasure /resolv.conf\nRUN echo changed >/etc/treasure; touch /etc/open/escaped; true`,
    ],
    ["/etc/passwd", `RUN ln -sf ${host}/treasure /etc/passwd\nUSER 5\nRUN true`],
    ["/dev", `RUN rm -rf /dev; ln -s ${host}/open /dev; true\nRUN touch /dev/escaped; true`],
  ])("a symlink of the image in place of %s leads nowhere else", async (_, text) => {
    await build(text, { secrets: { s: { value: "secret" } } });
    untouched();
  });

  test("the source of a cache or a bind does not leave what it is of (S-135)", async () => {
    const up = "../".repeat(12);
    const { output } = await build(`RUN --mount=type=bind,source=${up}${host.slice(1)},target=/b ls /b`);
    expect(output).not.toContain("treasure");
    const link = await build(
      `RUN ln -s ${host} /l\nFROM busybox\nRUN --mount=type=bind,from=0,source=/l,target=/b ls /b`,
    ).catch(() => undefined);
    expect(link?.output ?? "").not.toContain("treasure");
    untouched();
  });

  test("the host's processes, network configuration and abstract sockets cannot be changed", async () => {
    const { output } = await build(
      `RUN kill -9 ${process.pid} 2>&1; ls /proc/${process.pid}/environ 2>&1; ip link add dummy0 type dummy 2>&1; ip addr add 192.0.2.1/32 dev lo 2>&1; true`,
    );
    expect(output).toMatch(/No such process|no such process/);
    expect(output).not.toContain("environ\n/");
    expect(output.match(/not permitted|denied|RTNETLINK|No such/gi)!.length).toBeGreaterThanOrEqual(3);
  });

  test("what stays in the background is gone when the step is", async () => {
    const { error } = await build(
      `RUN (setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 0.05; echo alive >>/tmp/alive; done' >/dev/null 2>&1 &) ; sleep 0.2\nRUN a=$(wc -c </tmp/alive); sleep 0.3; test $a = $(wc -c </tmp/alive)`,
    );
    expect(error).toBeUndefined();
  });

  test("a setuid program of a layer gives no capability beyond a step's", async () => {
    const { output } = await build(
      `RUN mkdir /s && cp /bin/busybox /s && chmod 4755 /s/busybox\nUSER ${users.at(-1)}\nRUN /s/busybox grep CapEff /proc/self/status`,
    );
    expect(output).toMatch(/CapEff:\t00000000(a80425fb|00000000)/);
  });
});
