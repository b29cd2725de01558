import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { claimFolder } from '../../../src/export/spool/owner.ts';
import { listSpool } from '../../../src/export/spool/list.ts';
import { startChild } from '../../support/child-process.ts';
import type { Child, Ended } from '../../support/child-process.ts';
import { GROUP, tempDirectory } from './actors.ts';

const APP = join(import.meta.dirname, 'apps', 'owner.ts');

interface Generation {
  readonly children: readonly Child[];
  /** Lets all of them begin at once. */
  open(): void;
}

/** Starts processes that wait for one another. */
async function startGeneration(t: TestContext, directory: string, count: number, rounds: number): Promise<Generation> {
  const gate = join(tempDirectory(t), 'gate');
  const args = [APP, join(directory, 'made', 'by', 'them'), gate, String(rounds)];
  const children = Array.from({ length: count }, () => startChild({ args }));
  t.after(() => Promise.all(children.map(kill)));
  await Promise.all(children.map((child) => child.said('ready')));
  return { children, open: () => writeFileSync(gate, '') };
}

function kill(child: Child): Promise<Ended> {
  child.kill('SIGKILL');
  return child.ended;
}

/** What the processes printed behind `word`. */
function told(ends: readonly Ended[], word: string): string[] {
  const lines = ends.flatMap(({ stdout }) => stdout.split('\n'));
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

/** Folders in `path` by what their one segment says they were. */
function contents(path: string): string[] {
  return readdirSync(path)
    .filter((name) => name.startsWith('adopted-'))
    .map((name) => {
      const segments = readdirSync(join(path, name)).filter((file) => file.endsWith('.seg'));
      assert.equal(segments.length, 1, name);
      const said = readFileSync(join(path, name, segments[0] as string), 'utf8');
      assert.equal(name, `adopted-${said}`);
      return said;
    });
}

describe('R8.6 fault 10 processes on one folder', { timeout: 60_000 }, () => {
  test('R8.6 fault 10 eight processes on one folder: no folder is taken from a living owner, each left one is adopted once', async (t) => {
    const directory = tempDirectory(t);
    const spool = join(directory, 'made', 'by', 'them');
    const first = await startGeneration(t, directory, 8, 20);
    first.open();
    await Promise.all(first.children.map((child) => child.said('looked')));
    const [listed] = await listSpool(spool);
    assert.deepEqual(
      listed?.owners.map(({ state }) => state),
      Array<string>(8).fill('running'),
    );
    const dead = await Promise.all(first.children.map(kill));
    const owners = told(dead, 'claimed');
    assert.equal(new Set(owners).size, 8);
    assert.deepEqual(
      [told(dead, 'adopted'), told(dead, 'lost'), dead.map(({ stderr }) => stderr).join('')],
      [[], [], ''],
    );

    const second = await startGeneration(t, directory, 8, 20);
    second.open();
    await Promise.all(second.children.map((child) => child.said('looked')));
    const ends = await Promise.all(second.children.map(kill));
    const adopted = told(ends, 'adopted');
    assert.deepEqual(adopted.toSorted(), owners.map((name) => `adopted-${name}`).toSorted());
    assert.deepEqual([told(ends, 'lost'), ends.map(({ stderr }) => stderr).join('')], [[], '']);

    const last = claimFolder({ directory: spool, group: GROUP });
    const all = [...owners, ...told(ends, 'claimed')];
    assert.equal((await last.adopt()).length, 16);
    assert.deepEqual(contents(last.path).toSorted(), all.toSorted());
  });

  test('R8.6 fault 10 processes killed while they claim and adopt: every segment is in one place in the end', async (t) => {
    const directory = tempDirectory(t);
    const ends: Ended[] = [];
    const ROUNDS = 5;
    for (let round = 0; round < ROUNDS; round++) {
      const generation = await startGeneration(t, directory, 4, 10_000);
      const { children } = generation;
      generation.open();
      await Promise.race(children.map((child) => child.said('claimed')));
      // One after the other, so that the rest adopts meanwhile what the killed had.
      for (const child of children) {
        ends.push(await kill(child));
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
      }
    }
    assert.equal(ends.map(({ stderr }) => stderr).join(''), '');
    assert.deepEqual(told(ends, 'lost'), []);
    const last = claimFolder({ directory: join(directory, 'made', 'by', 'them'), group: GROUP });
    const adopted = await last.adopt();
    const kept = contents(last.path);
    assert.deepEqual(
      adopted.map((path) => basename(path)).toSorted(),
      kept.map((name) => `adopted-${name}`).toSorted(),
    );
    // One can be killed between its segment and saying so.
    assert.deepEqual(
      told(ends, 'claimed').filter((name) => !kept.includes(name)),
      [],
    );
    assert.ok(kept.length <= ROUNDS * 4);
    const others = readdirSync(dirname(last.path)).filter((name) => !name.startsWith('.') && name !== 'group.json');
    assert.deepEqual(others, [basename(last.path)]);
  });
});
