// dist/cli.cjs: starts the bundle of the command line, from the code that V8 compiled for an earlier run where there is any.
// That halves the time of a cached build. Plain CommonJS of 2018, so that an old Node can say why it is refused.
// https://nodejs.org/api/vm.html#scriptcreatecacheddata

"use strict";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write("tsbuild: expected Node.js 20.19 or newer, found " + process.versions.node + "\n");
  process.exit(125);
}

const fs = require("node:fs");
const { createRequire, wrap } = require("node:module");
const path = require("node:path");
const vm = require("node:vm");

// BUNDLE is the file's name with a hash of its content: compiled code of another version is never taken for this one's.
// ENCODING is the quickest that its bytes allow.
const file = path.join(__dirname, BUNDLE);
// Commands that move images run through other code than builds: what is compiled of it is kept apart.
const kind = kindOf(process.argv.slice(2));
const own = compiledFor(kind);
const compiled = fs.existsSync(own) ? own : compiledFor("build");

const script = new vm.Script(wrap(fs.readFileSync(file, ENCODING)), {
  filename: file,
  cachedData: readIfThere(compiled),
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
const bundle = { exports: {} };
script.runInThisContext()(bundle.exports, createRequire(file), bundle, file, __dirname);
bundle.exports.main().then(end);

/** Whether code of builds will run, or what fetches images, or what sends them. A wrong guess costs time only. */
function kindOf([command, ...words]) {
  if (command === "push" || command === "pull") return command;
  if (command !== "copy") return "build";
  const places = words.filter((word) => /^[a-z-]+:/.test(word));
  return (places.pop() || "").startsWith("docker:") ? "push" : "pull";
}

function compiledFor(what) {
  return `${file}.${process.version}-${process.arch}.${what}.compiled`;
}

/** A command that ended well has compiled nearly everything that its like need, so that is the time to keep it. */
function end({ command, code }) {
  const isKind =
    command === "build" ? kind === "build" : ["copy", "pull", "push"].includes(command) && kind !== "build";
  const isUseless = own === compiled ? script.cachedDataRejected !== false : true;
  if (isKind && code === 0 && isUseless) keepCompiled(own);
  process.exit(code);
}

/** For the next run, where the package's own folder can be written; whole or not at all. */
function keepCompiled(place) {
  const staged = `${place}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(staged, script.createCachedData(), { flag: "wx" });
    fs.renameSync(staged, place);
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "EEXIST"].includes(error.code)) throw error;
    fs.rmSync(staged, { force: true });
  }
}

function readIfThere(name) {
  try {
    return fs.readFileSync(name);
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "EACCES") return undefined;
    throw error;
  }
}
