import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatFamiliar, formatReference, parseReference } from "../../oci/index.js";

const HEX = "0123456789abcdef".repeat(4);
const DIGEST = `sha256:${HEX}`;

test.each([
  ["alpine", "docker.io/library/alpine:latest", "alpine:latest"],
  ["alpine:3.20", "docker.io/library/alpine:3.20", "alpine:3.20"],
  ["docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"],
  ["index.docker.io/alpine", "docker.io/library/alpine:latest", "alpine:latest"],
  ["docker.io/library/alpine:latest", "docker.io/library/alpine:latest", "alpine:latest"],
  ["team/app", "docker.io/team/app:latest", "team/app:latest"],
  ["docker.io/library/team/app", "docker.io/library/team/app:latest", "library/team/app:latest"],
  ["docker.io/foo.bar/app:1", "docker.io/foo.bar/app:1", "docker.io/foo.bar/app:1"],
  ["ghcr.io/acme/app:1.4.0", "ghcr.io/acme/app:1.4.0", "ghcr.io/acme/app:1.4.0"],
  ["localhost/app", "localhost/app:latest", "localhost/app:latest"],
  ["localhost:5000/app:1", "localhost:5000/app:1", "localhost:5000/app:1"],
  ["registry:5000/app", "registry:5000/app:latest", "registry:5000/app:latest"],
  ["Registry/app", "Registry/app:latest", "Registry/app:latest"],
  ["127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c:latest", "127.0.0.1:5000/a/b/c:latest"],
  ["[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000/app:latest"],
  [`alpine@${DIGEST}`, `docker.io/library/alpine@${DIGEST}`, `alpine@${DIGEST}`],
  [`alpine:3@${DIGEST}`, `docker.io/library/alpine:3@${DIGEST}`, `alpine:3@${DIGEST}`],
  ["a__b/c-d/e---f.g_h", "docker.io/a__b/c-d/e---f.g_h:latest", "a__b/c-d/e---f.g_h:latest"],
])("S-199: %s is %s, for users %s", (text, full, familiar) => {
  const reference = parseReference(text);
  expect(formatReference(reference)).toBe(full);
  expect(formatFamiliar(reference)).toBe(familiar);
  expect(parseReference(full)).toEqual(reference);
  expect(parseReference(familiar)).toEqual(reference);
});

test.each([
  ["", 'image reference "": expected an image name, found nothing'],
  ["Alpine", 'image reference "Alpine": expected a repository in lower case, found "Alpine"'],
  ["ghcr.io/Acme/app", 'image reference "ghcr.io/Acme/app": expected a repository in lower case, found "Acme/app"'],
  ["alpine:", 'image reference "alpine:": expected a tag of at most 128 letters, digits, _ . -, found ""'],
  ["alpine:a b", 'image reference "alpine:a b": expected a tag of at most 128 letters, digits, _ . -, found "a b"'],
  [
    "alpine@sha256:12",
    'image reference "alpine@sha256:12": expected a digest "sha256:<64 hex digits>", found "sha256:12"',
  ],
  ["../x", 'image reference "../x": expected a registry such as ghcr.io or localhost:5000, found ".."'],
  ["a//b", 'image reference "a//b": expected a repository of a-z, 0-9 and single . _ - / between them, found "a//b"'],
  ["-a", 'image reference "-a": expected a repository of a-z, 0-9 and single . _ - / between them, found "-a"'],
  ["a.b:x/y", 'image reference "a.b:x/y": expected a registry such as ghcr.io or localhost:5000, found "a.b:x"'],
  [HEX, `image reference "${HEX}": expected a name, found 64 hex digits`],
])("%j is bad_reference", (text, message) => {
  expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "bad_reference", message }));
});

test("a name has at most 255 characters, a tag 128", () => {
  expect(() => parseReference(`a.b/${"c".repeat(252)}`)).toThrow("expected a name of at most 255 characters");
  expect(() => parseReference(`a.b/${"c".repeat(251)}`)).not.toThrow();
  expect(() => parseReference(`alpine:${"t".repeat(129)}`)).toThrow("expected a tag");
});

describe("parseReference() of anything", () => {
  const part = fc.constantFrom(
    "a",
    "A",
    "1",
    ".",
    "-",
    "_",
    "/",
    ":",
    "@",
    "[",
    "]",
    " ",
    "é",
    "localhost",
    "docker.io",
    "library/",
    DIGEST,
  );
  const text = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(""));

  test("gives a reference that survives both forms, or bad_reference", () => {
    fc.assert(
      fc.property(text, (input) => {
        const reference = attempt(() => parseReference(input));
        if (reference === undefined) return;
        expect(parseReference(formatReference(reference))).toEqual(reference);
        expect(parseReference(formatFamiliar(reference))).toEqual(reference);
      }),
      { numRuns: 3000 },
    );
  });
});

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    expect(error).toMatchObject({ name: "TsbuildError", code: "bad_reference" });
    return undefined;
  }
}
