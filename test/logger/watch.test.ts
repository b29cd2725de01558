import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { ends, start } from './timed-hub.ts';

class Refused extends Error {}

test('R6.5 what can be awaited without being a promise is run once, as awaiting it does', async () => {
  const { log } = start();
  let runs = 0;
  const query = {
    then(resolve: (rows: number) => void): void {
      runs++;
      resolve(3);
    },
  };
  assert.equal(await log.timed('query', {}, () => query), 3);
  assert.equal(runs, 1);
});

test('R6.5 a generator ends when it is exhausted; one that is left early is cancelled, one that throws has failed', () => {
  const recording = start();
  const { time, log, records } = recording;
  const error = new Refused('no');
  function* rows(fails: boolean): Generator<number, string, string | undefined> {
    time.pass(1);
    const sent = yield 1;
    time.pass(1);
    if (fails) throw error;
    yield 2;
    return sent ?? 'done';
  }
  const whole = log.timed('rows', {}, () => rows(false));
  assert.equal(records.length, 0);
  assert.deepEqual(
    [whole.next(), whole.next('sent'), whole.next()],
    [
      { value: 1, done: false },
      { value: 2, done: false },
      { value: 'sent', done: true },
    ],
  );
  for (const row of log.timed('rows', {}, () => rows(false))) if (row === 1) break;
  assert.throws(
    () => [...log.timed('rows', {}, () => rows(true))],
    (thrown) => thrown === error,
  );
  assert.deepEqual([...log.timed('rows', {}, () => rows(false))], [1, 2]);
  assert.deepEqual(ends(recording), [
    ['INFO', 'success', 2],
    ['INFO', 'cancelled', 1],
    ['ERROR', 'failure', 2],
    ['INFO', 'success', 2],
  ]);
});

test('R6.5 async generators, other async iterables and streams end when they are read to the end, fail or are left', async () => {
  const recording = start();
  const { log, records } = recording;
  async function* pages(): AsyncGenerator<number> {
    yield await Promise.resolve(1);
    yield 2;
  }
  const feed = { name: 'feed', [Symbol.asyncIterator]: pages };
  const read: number[] = [];
  for await (const page of log.timed('pages', {}, pages)) read.push(page);
  for await (const page of log.timed('pages', {}, pages)) if (page === 1) break;
  const same = log.timed('feed', {}, () => feed);
  assert.equal(same, feed);
  for await (const page of same) read.push(page);
  assert.deepEqual(read, [1, 2, 1, 2]);
  assert.deepEqual(
    records.map(({ eventName }, i) => [eventName, recording.attributes(i).outcome]),
    [
      ['pages', 'success'],
      ['pages', 'cancelled'],
      ['feed', 'success'],
    ],
  );
  records.length = 0;
  const closed = (stream: Readable): Promise<unknown> => new Promise((resolve) => stream.once('close', resolve));
  const whole = log.timed('stream', {}, () => Readable.from(['a', 'b']));
  assert.ok(whole instanceof Readable);
  whole.resume();
  await closed(whole);
  const left = log.timed('stream', {}, () => Readable.from(['a', 'b']));
  left.destroy();
  await closed(left);
  const broken = log.timed('stream', {}, () => Readable.from(['a']));
  broken.on('error', () => undefined).destroy(new Refused('reset'));
  await closed(broken);
  assert.deepEqual(
    records.map(({ severityText }, i) => [severityText, recording.attributes(i).outcome]),
    [
      ['INFO', 'success'],
      ['INFO', 'cancelled'],
      ['ERROR', 'failure'],
    ],
  );
});

test('R6.5 a cursor that can do more than iterate stays itself, and ends when it is read, whatever reads it', async () => {
  const { log, records, attributes } = start();
  class Cursor {
    #left = 2;
    async next(): Promise<number | undefined> {
      await Promise.resolve();
      return this.#left > 0 ? this.#left-- : undefined;
    }
    async *[Symbol.asyncIterator](): AsyncGenerator<number> {
      for (let row = await this.next(); row !== undefined; row = await this.next()) yield row;
    }
    async toArray(): Promise<number[]> {
      const rows: number[] = [];
      for await (const row of this) rows.push(row);
      return rows;
    }
  }
  const cursor = new Cursor();
  assert.equal(
    log.timed('find', { table: 'orders' }, () => cursor),
    cursor,
  );
  assert.equal(records.length, 0);
  assert.deepEqual(await cursor.toArray(), [2, 1]);
  class Scan {
    done = false;
    next(): IteratorResult<number> {
      if (this.done) return { done: true, value: undefined };
      this.done = true;
      return { done: false, value: 1 };
    }
    [Symbol.iterator](): this {
      return this;
    }
    close(): string {
      return 'closed';
    }
  }
  const scan = log.timed('scan', {}, () => new Scan());
  assert.deepEqual([[...scan], scan.close()], [[1], 'closed']);
  // Nothing but an iterator: followed wherever it is read.
  const values = log.timed('values', {}, () => new Set([1, 2]).values());
  assert.deepEqual([values.next().value, values.next().value, values.next().done], [1, 2, true]);
  assert.deepEqual(
    records.map(({ eventName }, i) => [eventName, attributes(i).outcome]),
    [
      ['find', 'success'],
      ['scan', 'success'],
      ['values', 'success'],
    ],
  );
});

test('R6.5 a stream that has closed before it is returned is logged at once', async () => {
  const { log, records, attributes } = start();
  const stream = Readable.from([]);
  await new Promise((resolve) => stream.destroy().once('close', resolve));
  log.timed('stream', {}, () => stream);
  assert.deepEqual([records.length, attributes(0).outcome], [1, 'cancelled']);
});
