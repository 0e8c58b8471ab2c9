/** Eighty small nets that are odd in one way each, through the whole import. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verdictOf } from './corpus.harness.ts';

const folder = join(process.env.NETLOOM_TEST_DATA ?? join(import.meta.dirname, '../../../../shared/data'), 'onnx-edge/burn-onnx-fixtures');
const here = existsSync(folder);
if (!here) console.log('Odd nets are skipped: there is no ../shared/data beside the project.');
const files = here ? readdirSync(folder, { recursive: true }).map(String).filter((f) => f.endsWith('.onnx')).sort() : [];

/** Sizes that these files leave open without a hint. */
const sizes = { C: 2, H: 4, W: 4, M: 4, channels: 3, height: 4, width: 4 };
/** What a person is told of those that are refused: the runtime refuses them too, or a branch depends on the data. */
const sentences = /operators that fit their inputs|whose condition depends on the data|whose statistics are read/;

describe.skipIf(!here)('odd nets', () => {
  it('are all there', () => expect(files).toHaveLength(80));

  it.each(files)('%s', async (file) => {
    const verdict = await verdictOf({ name: file, model: join(folder, file), sets: [] }, sizes);
    if (verdict.kind === 'refused') expect(verdict.detail).toMatch(sentences);
    else expect(['equal', 'not for the runtime'], JSON.stringify(verdict)).toContain(verdict.kind);
  });
});
