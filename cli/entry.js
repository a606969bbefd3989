// dist/cli.js: checks Node's version before anything else is parsed. Plain JavaScript of 2020, so that an old Node can say
// why it is refused; the path is the one in dist/.

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write("tsbuild: expected Node.js 20.19 or newer, found " + process.versions.node + "\n");
  process.exit(125);
} else {
  import("./chunks/main.js");
}
