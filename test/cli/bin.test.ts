// bin/tsbuild and dist/cli.cjs, around a bundle that only says what it was given.

import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

const BUNDLE = `
exports.main = async () => {
  const [word] = process.argv.slice(2);
  if (word === "wait") await new Promise((resolve) => { process.once("SIGTERM", resolve); console.log("ready"); setTimeout(resolve, 10_000); });
  console.log(JSON.stringify({ args: process.argv.slice(2), own: process.env.NODE_EXTRA_CA_CERTS, passed: process.env.TSBUILD_EXTRA_CA_CERTS }));
  return { command: word, code: word === "fail" ? 3 : 0 };
};
`;

let home: string;
const program = () => join(home, "bin/tsbuild");
const dist = () => join(home, "dist");

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "tsbuild-bin-"));
  mkdirSync(join(home, "bin"));
  copyFileSync("bin/tsbuild", program());
  chmodSync(program(), 0o755);
});
afterAll(() => rmSync(home, { recursive: true }));

beforeEach(() => {
  rmSync(dist(), { recursive: true, force: true });
  mkdirSync(dist());
  writeFileSync(
    join(dist(), "cli.cjs"),
    readFileSync("cli/entry.cjs", "utf8").replace("BUNDLE)", '"command-AAAAAAAA.cjs")').replace("ENCODING)", '"utf8")'),
  );
  writeFileSync(join(dist(), "command-AAAAAAAA.cjs"), BUNDLE);
});

function run(
  args: readonly string[],
  { env = {}, as = program() }: { env?: Record<string, string | undefined>; as?: string } = {},
) {
  const { status, stdout, stderr } = spawnSync(as, args, {
    encoding: "utf8",
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...env },
  });
  return { status, stdout, stderr };
}

test("words reach the command as they are", () => {
  const args = ["build", "a b", "", "--x='y'", "$HOME", "*"];
  expect(JSON.parse(run(args).stdout)).toMatchObject({ args });
});

test("the exit code is the command's", () => {
  expect(run(["fail"]).status).toBe(3);
});

test("symbolic links to the program are followed, relative ones too", () => {
  mkdirSync(join(home, "links/.bin"), { recursive: true });
  symlinkSync("../../bin/tsbuild", join(home, "links/.bin/tsbuild"));
  symlinkSync(join(home, "links/.bin/tsbuild"), join(home, "links/absolute"));
  for (const link of ["links/.bin/tsbuild", "links/absolute"])
    expect(run(["x"], { as: join(home, link) }).status).toBe(0);
});

test("the program is found by PATH", () => {
  const env = { PATH: `${join(home, "bin")}:${process.env["PATH"]}` };
  expect(spawnSync("sh", ["-c", "cd / && tsbuild x"], { encoding: "utf8", env }).status).toBe(0);
});

test("Node does not read extra certificates at its start: tsbuild gets their path", () => {
  const { stdout } = run(["x"], { env: { NODE_EXTRA_CA_CERTS: "/etc/some.pem" } });
  expect(JSON.parse(stdout)).toEqual({ args: ["x"], passed: "/etc/some.pem" });
});

test("without dist/ it says what to do", () => {
  rmSync(dist(), { recursive: true });
  const { status, stderr } = run(["x"]);
  expect(status).toBe(125);
  expect(stderr).toBe(`tsbuild: dist/cli.cjs is missing; run npm run build in ${join(home, "bin")}/..\n`);
});

test("without node it says what to do", () => {
  const { status, stderr } = run(["x"], { env: { PATH: "/nowhere" } });
  expect([status, stderr]).toEqual([125, "tsbuild: node is not on PATH; install Node.js 20.19 or newer\n"]);
});

test("an old Node is refused in one line", () => {
  const script = `Object.defineProperty(process.versions, "node", { value: "18.20.4" }); require("${join(dist(), "cli.cjs")}");`;
  const { status, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8" });
  expect([status, stderr]).toEqual([125, "tsbuild: expected Node.js 20.19 or newer, found 18.20.4\n"]);
});

test("signals reach the command: the shell has given way to node", async () => {
  const child = spawn(program(), ["wait"], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.once("data", () => child.kill("SIGTERM"));
  const started = Date.now();
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect([code, Date.now() - started < 8_000]).toEqual([0, true]);
});

test("the first build that succeeds leaves its compiled code for the next run", () => {
  const files = () => readdirSync(dist()).filter((name) => /compiled|tmp/.test(name));
  run(["images"]);
  run(["fail"]);
  expect(files()).toEqual([]);
  run(["build"]);
  expect(files()).toEqual([`command-AAAAAAAA.cjs.${process.version}-${process.arch}.build.compiled`]);
  expect(run(["build"]).status).toBe(0);
});

test("commands that fetch and send images have compiled code of their own, and until then that of builds", () => {
  const compiled = (kind: string) => `command-AAAAAAAA.cjs.${process.version}-${process.arch}.${kind}.compiled`;
  const files = () => readdirSync(dist()).filter((name) => /compiled|tmp/.test(name));
  run(["build"]);
  run(["copy", "--quiet", "docker://a/b", "oci:c"]);
  expect(files()).toEqual([compiled("build"), compiled("pull")]);
  const made = statSync(join(dist(), compiled("pull"))).ino;
  run(["--home", "x", "copy"]);
  run(["pull", "x"]);
  expect(files()).toEqual([compiled("build"), compiled("pull")]);
  expect(statSync(join(dist(), compiled("pull"))).ino).toBe(made);
  run(["copy", "oci:c", "docker://a/b"]);
  expect(files()).toEqual([compiled("build"), compiled("pull"), compiled("push")]);
});

test("compiled code of no use is replaced", () => {
  const compiled = join(dist(), `command-AAAAAAAA.cjs.${process.version}-${process.arch}.build.compiled`);
  writeFileSync(compiled, "nonsense");
  expect(run(["build"]).status).toBe(0);
  expect(readFileSync(compiled).length).toBeGreaterThan(100);
});
