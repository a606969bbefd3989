// --call=outline and --call=targets: what can be built, and what it can be given (features rows 166, 167).

import { expect, test } from "vitest";
import { listTargets, outlineOf } from "../../checks/index.js";
import { parse } from "../../parser/index.js";

const file = parse(`
# GO_VERSION is the version of the compiler
ARG GO_VERSION=1.22
ARG REGISTRY=reg.example SUFFIX=-\${VARIANT:-slim}
ARG UNUSED
ARG VARIANT

# compiler has what every stage needs
FROM \${REGISTRY}/golang:\${GO_VERSION}\${SUFFIX} AS Compiler
# MODE of the build
ARG MODE=release
ARG DIRECTORY=/var/\${MODE}
RUN --mount=type=cache,target=/root/.cache --mount=type=secret,id=token make

FROM compiler AS docs
ARG THEME
RUN --mount=type=secret,target=/run/secrets/key,required make docs

# release is what is shipped
FROM --platform=linux/amd64 scratch AS release
COPY --from=compiler /out /
RUN --mount=type=bind,from=docs,target=/docs --mount=type=ssh --mount=type=secret,id=token,required=true true

FROM release
`);

const brief = (target?: string, buildArgs = {}) => {
  const { args, secrets, ssh, caches, name, description } = outlineOf(file, { ...(target && { target }), buildArgs });
  return {
    name,
    description,
    args: args.map(
      (arg) => `${arg.name}=${arg.value ?? ""}${arg.description === undefined ? "" : ` ${arg.description}`}`,
    ),
    mounts: [...secrets, ...ssh, ...caches].map(
      ({ type, id, required }) => `${type} ${id}${required ? " required" : ""}`,
    ),
  };
};

test("a stage with what it uses of the ARGs before the first FROM, and what those use", () => {
  expect(brief("compiler")).toEqual({
    name: "compiler",
    description: "has what every stage needs",
    args: [
      "GO_VERSION=1.22 is the version of the compiler",
      "REGISTRY=reg.example",
      "SUFFIX=-slim",
      "VARIANT=",
      "MODE=release of the build",
      "DIRECTORY=/var/release",
    ],
    mounts: ["secret token", "cache /root/.cache"],
  });
});

test("build arguments replace defaults", () => {
  const { args } = brief("COMPILER", { MODE: "debug", VARIANT: "alpine", GO_VERSION: "2" });
  expect(args).toContain("DIRECTORY=/var/debug");
  expect(args).toContain("GO_VERSION=2 is the version of the compiler");
});

test("the default target has what the stages have that it needs, each name once", () => {
  const { name, args, mounts } = brief();
  expect(name).toBeUndefined();
  expect(args.map((arg) => arg.split("=")[0])).toEqual([
    "GO_VERSION",
    "REGISTRY",
    "SUFFIX",
    "VARIANT",
    "MODE",
    "DIRECTORY",
    "THEME",
  ]);
  expect(mounts).toEqual(["secret token required", "secret key required", "ssh default", "cache /root/.cache"]);
});

test("a stage takes the ARGs of the one that it is built on", () => {
  expect(outlineOf(parse("FROM a AS b\nARG X=1\nFROM b\nARG Y=$X")).args.map(({ value }) => value)).toEqual(["1", "1"]);
});

test("a target that is not there, with what is meant", () => {
  expect(() => outlineOf(file, { target: "relase" })).toThrow(
    expect.objectContaining({ code: "unknown_stage", hint: 'Did you mean "release"?' }),
  );
});

test("targets: the stages that have a name, and the last", () => {
  expect(listTargets(file).map(({ span: _, ...target }) => target)).toEqual([
    {
      name: "compiler",
      description: "has what every stage needs",
      default: false,
      base: "${REGISTRY}/golang:${GO_VERSION}${SUFFIX}",
    },
    { name: "docs", default: false, base: "compiler" },
    { name: "release", description: "is what is shipped", default: false, base: "scratch", platform: "linux/amd64" },
    { default: true, base: "release" },
  ]);
});
