/** Runs the code of docs/recipes.md as it stands there, in the shapes in which the platforms call it. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { buildPackage, isBuildStale } from '../../scripts/package-build.ts';
import { startReceiving } from '../process/receiving.ts';
import { runChild } from '../support/child-process.ts';

const root = join(import.meta.dirname, '..', '..');
const recipes = readFileSync(join(root, 'docs', 'recipes.md'), 'utf8');

/** The block of code that begins with a comment with this file's name. */
function recipe(name: string): string {
  const blocks = [...recipes.matchAll(/^```\w+\n(?:\/\/|#) (\S+)\n([^]*?)^```$/gm)];
  const found = blocks.find(([, file]) => file === name)?.[2];
  assert.ok(found !== undefined, `docs/recipes.md has ${name}`);
  return found;
}

/** What Next.js gives a route handler to let work go on after the response, and what it does then. */
const NEXT_SERVER = `
  export const afterwards = [];
  export const after = (work) => void afterwards.push(work);
`;

const NEXT_APPLICATION = `
  import { register } from './instrumentation.ts';
  process.env.NEXT_RUNTIME = 'nodejs';
  await register();
  const { GET } = await import('./app/api/orders/[id]/route.ts');
  const request = new Request('http://shop.test/api/orders/7', { headers: { 'x-request-id': 'from-next' } });
  const response = await GET(request, { params: Promise.resolve({ id: '7' }) });
  const { afterwards } = await import('next/server');
  await Promise.all(afterwards);
  console.log(response.status, response.headers.get('x-request-id'), afterwards.length);
  process.kill(process.pid, 'SIGKILL');
`;

const LAMBDA = `
  import { handler } from './lambda.mjs';
  const answers = [];
  for (const awsRequestId of ['first', 'second']) {
    answers.push((await handler({ Records: [1, 2] }, { awsRequestId })).statusCode);
  }
  console.log(answers.join());
  process.kill(process.pid, 'SIGKILL');
`;

describe('recipes', () => {
  let folder = '';
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };

  before(() => {
    if (isBuildStale()) buildPackage();
    folder = mkdtempSync(join(tmpdir(), 'spanlog-recipes-'));
    mkdirSync(join(folder, 'node_modules/@opentelemetry'), { recursive: true });
    symlinkSync(root, join(folder, 'node_modules/spanlog'));
    for (const name of ['api', 'sdk-logs']) {
      symlinkSync(join(root, 'node_modules/@opentelemetry', name), join(folder, 'node_modules/@opentelemetry', name));
    }
    write('package.json', '{ "type": "module" }');
    write('node_modules/next/package.json', '{ "type": "module", "exports": { "./server": "./server.js" } }');
    write('node_modules/next/server.js', NEXT_SERVER);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('R3.4 R8.4 a route handler of Next.js: logged, answered with its id, and delivered before the process is frozen', async (t) => {
    for (const name of ['instrumentation.ts', 'app/api/orders/[id]/route.ts']) write(name, recipe(name));
    write('next.ts', NEXT_APPLICATION);
    const receiving = await startReceiving(t);
    const ended = await runChild({ args: ['next.ts'], cwd: folder, env: receiving.env });
    assert.equal(ended.stdout.trim(), '200 from-next 1', ended.stderr);
    assert.deepEqual(receiving.events().sort(), ['order_read', 'request_completed', 'request_started']);
    for (const { eventName, attributes } of receiving.records()) {
      assert.equal(attributes.request_id, 'from-next');
      if (eventName === 'request_completed') assert.equal(attributes.route, '/api/orders/[id]');
    }
  });

  test('R8.4 a Lambda function: each record has its request, and has left when the handler returns', async (t) => {
    write('lambda.mjs', recipe('lambda.mjs'));
    write('invoke.mjs', LAMBDA);
    const receiving = await startReceiving(t);
    const args = ['--import', 'spanlog/register', 'invoke.mjs'];
    const ended = await runChild({ args, cwd: folder, env: receiving.env });
    assert.equal(ended.stdout.trim(), '202,202', ended.stderr);
    assert.deepEqual(
      receiving.records().map(({ attributes }) => [attributes.request_id, attributes['faas.coldstart']]),
      [
        ['first', true],
        ['second', false],
      ],
    );
  });

  test('R11.6 what a test captures is what was logged', async () => {
    write('capture.mjs', recipe('capture.mjs'));
    write(
      'look.mjs',
      "import { record } from './capture.mjs'; console.log(record.eventName, record.attributes.order_id)",
    );
    const { stdout, stderr } = await runChild({ args: ['look.mjs'], cwd: folder });
    assert.equal(stdout.trim(), 'order_placed o-1', stderr);
  });

  test('R8.4 the examples for PM2 and Kubernetes can be read, and name settings that exist', () => {
    assert.match(recipe('ecosystem.config.cjs'), /node_args: '--import spanlog\/register'/);
    const { env } = parse(recipe('deployment.yaml')) as { env: readonly { name: string }[] };
    const settings = readFileSync(join(root, 'docs', 'settings.md'), 'utf8');
    for (const { name } of env.filter((variable) => variable.name.startsWith('SPANLOG_'))) {
      assert.ok(settings.includes(`\`${name}\``), `${name} is in docs/settings.md`);
    }
  });
});
