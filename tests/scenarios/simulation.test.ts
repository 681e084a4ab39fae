// The stories in tests/scenarios/simulation, told on whole simulated fleets; each must keep what it
// expects, and its transcript is compared as text. UPDATE=1 writes them anew.

import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { projectRoot, readProjectFile } from '../support/project.ts';
import { tellFleetStory } from './fleet-story.ts';

const folder = 'tests/scenarios/simulation';

for (const file of readdirSync(join(projectRoot, folder)).sort()) {
  test(file, async () => {
    const path = `${folder}/${file}`;
    const written = readProjectFile(path);
    const told = await tellFleetStory(written);
    if (process.env.UPDATE === '1') writeFileSync(join(projectRoot, path), told);
    else assert.equal(told, written);
  });
}
