// What known escapes from containers try, from inside of RUN steps, on every runtime: each fails, and the host is as it was.

import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BuildOptions } from "../../../index.js";
import { compiled } from "../../helpers/compile.js";
import { RunBench } from "../../helpers/run-bench.js";

const probe = compiled(join(import.meta.dirname, "../../helpers/escape-probe.c"));
/** A file of the host that no step may read or write, and a directory beside it. */
const host = mkdtempSync(join(tmpdir(), "tsbuild-host-"));
const bench = new RunBench({ file: "of the context" });

beforeAll(() => {
  writeFileSync(join(host, "treasure"), "treasure of the host", { mode: 0o600 });
  mkdirSync(join(host, "open"), { mode: 0o777 });
  chmodSync(join(host, "open"), 0o777);
  copyFileSync(probe, join(bench.context, "escape-probe"));
});
afterAll(() => {
  bench.close();
  rmSync(host, { recursive: true, force: true });
});

describe.each(["built-in", "crun", "runc"])("on %s", (ociRuntime) => {
  const build = (text: string, options: BuildOptions = {}) =>
    bench.build(text, { ociRuntime, noCache: true, ...options });
  const untouched = (): void => {
    expect(readFileSync(join(host, "treasure"), "utf8")).toBe("treasure of the host");
    expect(existsSync(join(host, "open/escaped"))).toBe(false);
  };

  test.each(["root", "1000"])("nothing that an escape needs of the kernel is allowed, as %s", async (user) => {
    const before = [hostname(), readFileSync("/proc/sys/kernel/core_pattern", "utf8")];
    const { output, error } = await build(
      `USER ${user}\nRUN --mount=type=bind,source=escape-probe,target=/probe /probe`,
    );
    expect(error).toBeUndefined();
    expect(output).toBe("done\n");
    expect([hostname(), readFileSync("/proc/sys/kernel/core_pattern", "utf8")]).toEqual(before);
  });

  test.each([
    ["/proc/self/root", `cat /proc/self/root${host}/treasure`],
    ["/proc/1/root", `cat /proc/1/root${host}/treasure`],
    ["/proc/1/cwd", `cat /proc/1/cwd/../../../../..${host}/treasure`],
    ["descriptors", `for f in /proc/*/fd/*; do cat $f${host}/treasure; done`],
    ["many ..", `cat ../../../../../../../../../../../..${host}/treasure`],
    ["a symlink", `ln -s / /l; cat /l${host}/treasure`],
    ["the mount table", `grep -o '${host}' /proc/self/mountinfo`],
  ])("the host's files are not reached by %s", async (_, line) => {
    const { output } = await build(`RUN (${line}) 2>/dev/null; true`);
    expect(output).toBe("");
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
      `RUN mkdir /s && cp /bin/busybox /s && chmod 4755 /s/busybox\nUSER 1000\nRUN /s/busybox grep CapEff /proc/self/status`,
    );
    expect(output).toMatch(/CapEff:\t00000000(a80425fb|00000000)/);
  });
});
