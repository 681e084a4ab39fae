// The stories in tests/scenarios/sentinel, each a transcript compared as text. UPDATE=1 writes them
// anew; the difference is then read like any other change.

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot, readProjectFile } from '../support/project.ts';
import { tellStory } from './sentinel-story.ts';

const folder = 'tests/scenarios/sentinel';

for (const file of readdirSync(join(projectRoot, folder)).sort()) {
  test(file, () => {
    const path = `${folder}/${file}`;
    const written = readProjectFile(path);
    const told = tellStory(written);
    if (process.env.UPDATE === '1') writeFileSync(join(projectRoot, path), told);
    else assert.equal(told, written);
  });
}
