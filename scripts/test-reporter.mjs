// What `npm test` prints: one line a test file, every failure in full, a summary at the end. The
// built-in reporters print a line a test, which buries a failure among thousands of passes.

import { relative, sep } from 'node:path';
import { inspect } from 'node:util';
import { root } from './setup.mjs';

export default async function* report(events) {
  const files = new Map();
  const failures = [];
  const started = Date.now();
  for await (const { type, data } of events) {
    if (type === 'test:stderr' || type === 'test:stdout') {
      yield data.message;
    } else if (type === 'test:pass' || type === 'test:fail') {
      const path = sourceOf(data);
      const row = files.get(path) ?? { passed: 0, failed: 0, skipped: 0, ms: 0 };
      files.set(path, row);
      // Node 20 reports a file without tests of its own as a test named like the file.
      const isContainer = data.details.type === 'suite' || isFileItself(data);
      if (type === 'test:fail') {
        if (!isConsequence(data)) {
          row.failed++;
          failures.push({ path, data });
          yield failure(path, data);
        }
      } else if (!isContainer) {
        if (data.skip !== undefined) row.skipped++;
        else row.passed++;
      }
      if (data.nesting === 0) row.ms += data.details.duration_ms ?? 0;
    }
  }
  yield* summary(files, failures, Date.now() - started);
}

function* summary(files, failures, ms) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const [path, row] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const key of Object.keys(total)) total[key] += row[key];
    const counts = [`${row.passed} passed`];
    if (row.failed > 0) counts.push(`${row.failed} FAILED`);
    if (row.skipped > 0) counts.push(`${row.skipped} skipped`);
    yield `${row.failed > 0 ? 'not ok' : 'ok    '} ${path}: ${counts.join(', ')} (${Math.round(row.ms)} ms)\n`;
  }
  if (failures.length > 0) {
    yield '\nFailed:\n';
    for (const { path, data } of failures) yield `  ${path}: ${data.name}\n`;
  }
  const seconds = (ms / 1000).toFixed(1);
  yield `\n${files.size} files, ${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped in ${seconds} s\n`;
}

function sourceOf(data) {
  const file = data.file ?? data.name;
  return relative(root, file)
    .split(sep)
    .join('/')
    .replace(/^build\//, '')
    .replace(/\.js$/, '.ts');
}

function isFileItself(data) {
  return data.nesting === 0 && /\.test\.js$/.test(data.name);
}

/** A suite or file that failed only because a test in it did says nothing new. */
function isConsequence(data) {
  return data.details.error?.failureType === 'subtestsFailed';
}

function failure(path, data) {
  const error = data.details.error?.cause ?? data.details.error;
  const text = error instanceof Error ? (error.stack ?? error.message) : inspect(error);
  const details =
    // A generated message already shows the difference.
    error instanceof Error && 'actual' in error && !error.generatedMessage
      ? `\nactual: ${inspect(error.actual, { depth: 6 })}\nexpected: ${inspect(error.expected, { depth: 6 })}`
      : '';
  return `\nnot ok ${path}: ${data.name}\n${indent(text + details)}\n\n`;
}

/** Long enough for any honest difference: one of a megabyte hides all others. */
const MAX_LINES = 200;
const MAX_COLUMNS = 1000;

function indent(text) {
  const lines = text.split('\n');
  const shown = lines.slice(0, MAX_LINES).map((line) => `    ${line.slice(0, MAX_COLUMNS)}`);
  if (lines.length > MAX_LINES) shown.push(`    … ${lines.length - MAX_LINES} more lines`);
  return shown.join('\n');
}
