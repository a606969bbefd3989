import { expect, test } from "vitest";
import type { ContainerConfig } from "../../oci/index.js";
import { AMD64, failure, planText, runOf, type TestOptions } from "./helpers.js";

async function config(text: string, options?: TestOptions): Promise<ContainerConfig> {
  return (await planText(text, options)).image.config.config;
}

test("S-062: scratch has a PATH, a working directory, and no history", async () => {
  const { image, vertices } = await planText("FROM scratch");
  expect(image.config).toEqual({
    ...AMD64,
    config: { Env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"], WorkingDir: "/" },
    rootfs: { type: "layers", diff_ids: [] },
    history: [],
  });
  expect(vertices.map(({ op }) => op.kind)).toEqual(["scratch"]);
});

test("S-063: the base config is inherited, but for its triggers", async () => {
  const base: ContainerConfig = {
    Env: ["PATH=/b", "A=1"],
    Cmd: ["c"],
    Entrypoint: ["e"],
    User: "u",
    WorkingDir: "/w",
    Labels: { l: "1" },
    Volumes: { "/v": {} },
    ExposedPorts: { "1/tcp": {} },
    StopSignal: "SIGINT",
    Healthcheck: { Test: ["NONE"] },
    Shell: ["/s"],
  };
  const { image } = await planText("FROM base", { images: { base: { ...base, OnBuild: ["LABEL x=1"] } } });
  expect(image.config.config).toEqual({ ...base, Labels: { l: "1", x: "1" } });
});

test.each<[point: string, text: string, expected: ContainerConfig]>([
  ["S-146 ENTRYPOINT drops the CMD of the base", 'ENTRYPOINT ["e"]', { Entrypoint: ["e"] }],
  [
    "S-146 but not one of this stage, before it",
    'CMD ["c"]\nENTRYPOINT ["e"]',
    { Cmd: ["c"], Entrypoint: ["e"], ArgsEscaped: true },
  ],
  ["S-146 nor after it", 'ENTRYPOINT ["e"]\nCMD ["c"]', { Cmd: ["c"], Entrypoint: ["e"], ArgsEscaped: true }],
  ["S-023 ENTRYPOINT [] clears", 'ENTRYPOINT ["e"]\nENTRYPOINT []', {}],
  ["S-023 CMD [] is an empty command", "CMD []", { Cmd: [], ArgsEscaped: true }],
  [
    "S-147 the SHELL at its line",
    'CMD a\nSHELL ["/b", "-c"]\nENTRYPOINT e',
    { Cmd: ["/bin/sh", "-c", "a"], Entrypoint: ["/b", "-c", "e"], Shell: ["/b", "-c"], ArgsEscaped: true },
  ],
  ["S-148 HEALTHCHECK NONE", "HEALTHCHECK NONE", { Cmd: ["sh"], Healthcheck: { Test: ["NONE"] } }],
  [
    "S-148 durations are nanoseconds",
    'HEALTHCHECK --interval=5s --timeout=100ms --start-period=1m --start-interval=2s --retries=4 CMD ["t"]',
    {
      Cmd: ["sh"],
      Healthcheck: {
        Test: ["CMD", "t"],
        Interval: 5e9,
        Timeout: 1e8,
        StartPeriod: 6e10,
        StartInterval: 2e9,
        Retries: 4,
      },
    },
  ],
  [
    "S-148 0 means inherit",
    "HEALTHCHECK --interval=0s --retries=0 CMD t",
    { Cmd: ["sh"], Healthcheck: { Test: ["CMD-SHELL", "t"] } },
  ],
  [
    "S-151 ports are sorted and unique",
    "EXPOSE 90 80/TCP 80 8-9/udp",
    { Cmd: ["sh"], ExposedPorts: { "80/tcp": {}, "8/udp": {}, "90/tcp": {}, "9/udp": {} } },
  ],
  [
    "S-047 a variable may hold several ports",
    'ENV P="80 443"\nEXPOSE $P',
    { Cmd: ["sh"], Env: ["PATH=/bin", "P=80 443"], ExposedPorts: { "443/tcp": {}, "80/tcp": {} } },
  ],
  [
    "S-144 VOLUME records the path",
    "ENV d=/data\nVOLUME $d/x",
    { Cmd: ["sh"], Env: ["PATH=/bin", "d=/data"], Volumes: { "/data/x": {} } },
  ],
  ["S-152 the last label wins", "LABEL b=1 a=2\nLABEL b=3", { Cmd: ["sh"], Labels: { a: "2", b: "3" } }],
  [
    "S-040 keys of LABEL are expanded",
    "ENV k=v\nLABEL x.$k=1",
    { Cmd: ["sh"], Env: ["PATH=/bin", "k=v"], Labels: { "x.v": "1" } },
  ],
  ["S-150 STOPSIGNAL is kept as written", "STOPSIGNAL term", { Cmd: ["sh"], StopSignal: "term" }],
  [
    "S-074 ONBUILD is kept as written",
    "ONBUILD RUN echo $x  # y\nONBUILD COPY . .",
    { Cmd: ["sh"], OnBuild: ["RUN echo $x  # y", "COPY . ."] },
  ],
  ["S-143 relative WORKDIRs add up", "WORKDIR /a\nWORKDIR b/c\nWORKDIR ..", { Cmd: ["sh"], WorkingDir: "/a/b" }],
])("%s", async (_point, text, expected) => {
  expect(await config(`FROM alpine\n${text}`)).toEqual({ Env: ["PATH=/bin"], ...expected });
});

test("S-146: CMD of a base stage is inherited, so ENTRYPOINT of the child drops it", async () => {
  expect((await config('FROM alpine AS a\nCMD ["c"]\nFROM a\nENTRYPOINT ["e"]')).Cmd).toBeUndefined();
});

test("keys without an order of their own are sorted, so that equal images are equal", async () => {
  const labels = (await config("FROM alpine\nLABEL b=1\nLABEL a=1", { labels: { c: "1", B: "1" } })).Labels!;
  expect(Object.keys(labels)).toEqual(["B", "a", "b", "c"]);
});

test("S-152: --label beats the file", async () => {
  expect(await config("FROM alpine\nLABEL a=file", { labels: { a: "cli", b: "2" } })).toMatchObject({
    Labels: { a: "cli", b: "2" },
  });
});

test("MAINTAINER is the author", async () => {
  expect((await planText("FROM alpine\nMAINTAINER A <a@b>")).image.config.author).toBe("A <a@b>");
});

test("USER is what later steps run as", async () => {
  const { user, cwd } = await runOf("FROM alpine\nARG u=node\nUSER $u:1\nWORKDIR /w\nRUN x");
  expect({ user, cwd }).toEqual({ user: "node:1", cwd: "/w" });
});

test("S-143: the WORKDIR of the base is where relative paths start, made absolute", async () => {
  expect(await config("FROM base\nWORKDIR x", { images: { base: { WorkingDir: "app/" } } })).toMatchObject({
    WorkingDir: "/app/x",
  });
});

test.each([
  [
    "STOPSIGNAL SIGTREM",
    {
      code: "bad_value",
      message: 'expected the name or the number of a signal, found "SIGTREM"',
      hint: 'Did you mean "SIGTERM"?',
      at: "2:12 SIGTREM",
    },
  ],
  [
    "EXPOSE 80 70000",
    {
      code: "bad_value",
      message: 'expected a port or a range of ports from 0 to 65535, found "70000"',
      at: "2:11 70000",
    },
  ],
  ["VOLUME $nope", { code: "bad_value", message: "expected a path, found $nope, which is empty", at: "2:8 $nope" }],
])("%s is refused with its place", async (line, expected) => {
  expect(await failure(`FROM alpine\n${line}`)).toMatchObject(expected);
});
