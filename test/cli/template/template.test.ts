// Templates as docker's --format has them.

import { describe, expect, test } from "vitest";
import { compileTemplate } from "../../../cli/template/template.js";
import { Unset, type Value } from "../../../cli/template/value.js";

const data: Value = {
  ID: "sha256:abc",
  Tags: ["app:1", "app:2"],
  None: [],
  Size: 1234,
  Yes: true,
  No: false,
  Missing: undefined,
  Config: {
    Env: ["A=1", "B=x y"],
    Cmd: null,
    Labels: new Map([
      ["b", "2"],
      ["a", "1"],
    ]),
  },
  Unset: { List: Unset.list, Map: Unset.map, Pointer: Unset.pointer, Text: Unset.text },
  List: [{ name: "x" }, { name: "y" }],
};

const render = (template: string): string => compileTemplate(template)(data);

describe("compileTemplate() prints as Go does", () => {
  test.each([
    ["plain", "plain"],
    ["{{.ID}}", "sha256:abc"],
    ["a{{.Size}}b{{.Yes}}", "a1234btrue"],
    ["{{.Tags}}", "[app:1 app:2]"],
    ["{{.None}}", "[]"],
    ["{{.Missing}}|{{.Config.Cmd}}", "<no value>|<no value>"],
    ["{{.Config.Labels}}", "map[a:1 b:2]"],
    ["{{.Config.Labels.a}} {{.Config.Labels.none}}", "1 <no value>"],
    ['{{index .Config.Labels "b"}}', "2"],
    ["{{index .Tags 1}}", "app:2"],
    ['{{index .Config.Labels "none"}}{{index .Unset.Map "a.b"}}{{index .Missing "a"}}{{index .Config.Cmd "a"}}|', "|"],
    ['{{json (index .Unset.Map "a")}} {{if index .Unset.Map "a"}}x{{else}}none{{end}}', '"" none'],
    ["{{(index .List 1).name}}", "y"],
    ["{{json .Config}}", '{"Env":["A=1","B=x y"],"Cmd":null,"Labels":{"a":"1","b":"2"}}'],
    ["{{.Tags | json}}", '["app:1","app:2"]'],
    ['{{join .Tags ", "}}', "app:1, app:2"],
    ['{{json (split .ID ":")}}', '["sha256","abc"]'],
    ["{{upper .ID}} {{.ID | lower}}", "SHA256:ABC sha256:abc"],
    ['{{title "ab cd"}}', "Ab Cd"],
    ["{{len .Tags}} {{len .ID}} {{len .Config.Labels}}", "2 10 2"],
    ['{{pad "x" 2 1}}|', "  x |"],
    ["{{truncate .ID 6}}", "sha256"],
    ["{{slice .ID 7}}", "abc"],
    ['{{printf "%-5s|%4d|%q%%" "ab" .Size "c"}}', 'ab   |1234|"c"%'],
    ["{{range .Tags}}{{println .}}{{end}}", "app:1\napp:2\n"],
    ["{{range $i, $t := .Tags}}{{$i}}={{$t}};{{end}}", "0=app:1;1=app:2;"],
    ["{{range $k, $v := .Config.Labels}}{{$k}}{{$v}}{{end}}", "a1b2"],
    ["{{range .None}}x{{else}}none{{end}}", "none"],
    ["{{range .List}}{{.name}}{{$.Size}} {{end}}", "x1234 y1234 "],
    ["{{if .Yes}}y{{else}}n{{end}}{{if .No}}y{{else}}n{{end}}", "yn"],
    ["{{if .No}}a{{else if .Yes}}b{{else}}c{{end}}", "b"],
    ["{{if and .Yes (eq .Size 1234)}}both{{end}}", "both"],
    ["{{if or .No (not .Yes)}}x{{else}}neither{{end}}", "neither"],
    ["{{if gt .Size 1000}}big{{end}} {{lt .Size 2}} {{ne 1 2}}", "big false true"],
    ["{{with .Config}}{{.Env}}{{end}}", "[A=1 B=x y]"],
    ["{{$x := .Size}}{{$x}}", "1234"],
    ["{{$x := .Config}}{{$x.Env}}", "[A=1 B=x y]"],
    ["a {{- .Size -}} b", "a1234b"],
    ["{{/* nothing */}}x", "x"],
    ['{{"a}}b"}}', "a}}b"],
    ["{{`raw`}}", "raw"],
    ['{{print "a" .Size}}', "a1234"],
    ["{{html \"<a b='1'>&\"}}", "&lt;a b=&#39;1&#39;&gt;&amp;"],
    ['{{urlquery "a b" "&/é"}}', "a+b%26%2F%C3%A9"],
    ['{{js "it\'s <b>"}}', String.raw`it\'s \u003Cb\u003E`],
    ['{{define "t"}}[{{.name}}]{{end}}{{range .List}}{{template "t" .}}{{end}}', "[x][y]"],
    ['{{template "t"}}{{define "t"}}{{.}}{{end}}', "<no value>"],
    ['{{block "b" .Size}}<{{.}}>{{end}}', "<1234>"],
    ["{{.Unset.List}} {{.Unset.Map}} {{.Unset.Pointer}} {{.Unset.Text}}|", "[] map[] <nil> |"],
    ["{{json .Unset}}{{json .Unset.Text}}{{json .Unset.List}}", '{}""null'],
    ["{{len .Unset.List}}{{range .Unset.List}}x{{else}}none{{end}}{{if .Unset.Text}}x{{end}}", "0none"],
    ["{{.Unset.Pointer.Test}}", "<no value>"],
    ['{{.Config.Labels.a | printf "%s!"}}', "1!"],
  ])("%s", (template, expected) => {
    expect(render(template)).toBe(expected);
  });
});

describe("compileTemplate() refuses what it does not know, and says what there is", () => {
  test.each([
    ["{{.Id}}", "there is no field .Id", "Use .ID, .Tags,"],
    ["{{.Config.Nope}}", "there is no field .Nope", "Use .Env, .Cmd or .Labels."],
    ["{{.ID.x}}", '"sha256:abc" has no field .x', undefined],
    ["{{nope .ID}}", "there is no function nope", "json, join, split,"],
    ["{{constructor .ID}}", "there is no function constructor", "json,"],
    ["{{.constructor}}", "there is no field .constructor", "Use .ID"],
    ["{{index .Tags 2}}", "index: the index 2 is out of range: the list has 2", undefined],
    ['{{index .Unset.List "a"}}', "index: expected a number, found a", undefined],
    ["{{range .ID}}{{end}}", "range expects a list or a map, found sha256:abc", undefined],
    ["{{$y}}", "the variable $y is not set", undefined],
    ["{{.ID", "an action is not closed", "Add the missing }}."],
    ["{{if .Yes}}x", "a block is not closed", "Add {{end}}."],
    ["{{end}}", "{{end}} ends no block", undefined],
    ["{{}}", "an action is empty", "Name a field"],
    ["{{(json .ID}}", "a ( is not closed", undefined],
    ["{{.ID | 3}}", "expected a function after |", undefined],
    ['{{template "x"}}', 'no template is named "x"', 'Add {{define "x"}}.'],
    ["{{template x}}", "template expects a name in quotes", undefined],
    [
      '{{define "x"}}{{template "x"}}{{end}}{{template "x"}}',
      'the template "x" never ends: it names itself',
      undefined,
    ],
    ["{{.ID .Size}}", "expected a function before other values", undefined],
    ["{{.ID ~}}", '"~" cannot be read', undefined],
  ])("%s", (template, message, hint) => {
    expect(() => render(template)).toThrow(
      expect.objectContaining({
        code: "usage",
        message: `--format "${template}": ${message}`,
        ...(hint !== undefined && { hint: expect.stringContaining(hint) }),
      }),
    );
  });
});
