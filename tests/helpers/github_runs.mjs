// Work out, with GitHub's own parser and evaluator, what becomes of a workflow's jobs in given runs.
// In: a JSON list of {text, runs: [{github, inputs, vars, outputs, failing, cancelled, soft}]}. Out: for each text, for each run, job by
// job: success, failure, skipped, cancelled, or "ungated:" before it where a step of the job was skipped; null where it is invalid.
import { register } from "node:module";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const packages = process.argv[2];
const from = createRequire(`${packages}/x.js`);
const JSON_AS_NODE_WANTS_IT = `export async function load(url, context, next) {
  return next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context);
}`;
register(`data:text/javascript,${encodeURIComponent(JSON_AS_NODE_WANTS_IT)}`);
const open = (name) => import(pathToFileURL(`${packages}/node_modules/@actions/${name}/dist/index.js`));
const { Lexer, Parser, Evaluator, data } = await open("expressions");
const { parseWorkflow, convertWorkflowTemplate, NoOperationTraceWriter } = await open("workflow-parser");

function value(given) {
  if (given === null || given === undefined) return new data.Null();
  if (typeof given === "boolean") return new data.BooleanData(given);
  if (typeof given === "number") return new data.NumberData(given);
  if (typeof given === "string") return new data.StringData(given);
  if (Array.isArray(given)) return new data.Array(...given.map(value));
  return new data.Dictionary(...Object.entries(given).map(([key, each]) => ({ key, value: value(each) })));
}

const CONTEXTS = ["github", "inputs", "vars", "needs", "matrix", "env", "steps", "runner", "secrets", "strategy"];
function holds(condition, contexts, status) {
  const functions = ["always", "success", "failure", "cancelled"].map((name) => ({
    name, minArgs: 0, maxArgs: 255, call: () => new data.BooleanData(status[name]),
  }));
  const tree = new Parser(new Lexer(condition).lex().tokens, CONTEXTS, functions).parse();
  const found = new Evaluator(tree, value(contexts), new Map(functions.map((each) => [each.name, each]))).evaluate();
  return !(found.kind === data.Kind.Null || found.value === false || found.value === 0 || found.value === "");
}

const expression = (condition) => (typeof condition === "object" ? condition.expr ?? condition.expression : condition);

function ancestors(jobs, job, found = new Set()) {
  for (const need of job.needs?.map(String) ?? []) if (!found.has(need)) found.add(need), ancestors(jobs, jobs[need], found);
  return found;
}

// `cancelled`: the jobs during which the run is cancelled. What its condition holds for goes on, and so does what is behind it.
function run(template, { github, inputs, vars, outputs, failing, cancelled, soft }) {
  const jobs = Object.fromEntries(template.jobs.map((job) => [String(job.id), job]));
  const results = {};
  const settle = (key) => {
    if (key in results) return;
    const job = jobs[key];
    const needs = job.needs?.map(String) ?? [];
    needs.forEach(settle);
    const before = [...ancestors(jobs, job)].map((each) => results[each].replace("ungated:", ""));
    const given = Object.fromEntries(
      needs.map((need) => [need, { result: results[need].replace("ungated:", ""), outputs: outputs[need] ?? {} }]),
    );
    const contexts = { github, inputs, vars, needs: given, matrix: {}, env: {}, steps: {}, runner: {}, secrets: {} };
    const status = { always: true, cancelled: before.includes("cancelled"), failure: before.includes("failure") };
    status.success = before.every((result) => result === "success");
    if (!holds(expression(job.if), contexts, status)) return (results[key] = "skipped");
    if (cancelled.includes(key)) {
      const then = { ...status, cancelled: true, success: false };
      if (!holds(expression(job.if), contexts, then)) return (results[key] = "cancelled");
    }
    let failed = false;
    let left = false;
    for (const step of job.steps ?? []) {
      // In a step, failure() looks at the jobs before as well (GitHub's documents, "Expressions", failure with chains).
      const now = { always: true, cancelled: status.cancelled, success: !failed, failure: failed || status.failure };
      if (!holds(expression(step.if), contexts, now)) left = true;
      else if (String(step.run) === "exit 1" || (String(step.run).startsWith("npx") && failing.includes(key))) failed = true;
    }
    if (failing.includes(key)) failed = true;
    results[key] = (left ? "ungated:" : "") + (failed && !soft.includes(key) ? "failure" : "success");
  };
  Object.keys(jobs).forEach(settle);
  return results;
}

const answers = [];
for (const { text, runs } of JSON.parse(readFileSync(0, "utf8"))) {
  const parsed = parseWorkflow({ name: "ci.yml", content: text }, new NoOperationTraceWriter());
  const errors = parsed.context.errors.getErrors();
  const template = errors.length ? null : await convertWorkflowTemplate(parsed.context, parsed.value);
  const wrong = errors.concat(template?.errors ?? []);
  answers.push(wrong.length ? { refused: wrong.map((each) => each.message ?? each.Message) } : runs.map((each) => run(template, each)));
}
console.log(JSON.stringify(answers));
