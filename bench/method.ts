/** What stands below the tables of `RESULTS.md`. */
export const METHOD = `## What is measured

- Every figure is of a process of its own that loads one peer and nothing of the others. Peers take turns within a
  round; a ratio is taken within a round, and what is shown is the median over the rounds, of which only the cost of a
  delivered record takes more than three.
- The record: \`order_placed\` at INFO with an id, an integer, a float, a boolean and a short string, 16 records to a
  span of the OpenTelemetry SDK under its AsyncLocalStorage context manager. Spans are not exported. 1,024 spans and
  16,384 distinct values come round, so that no cache of recent ones decides.
- The other end is a real Collector with a \`nop\` exporter, over OTLP/HTTP on the same machine. It counts what was
  delivered, by its own metric; no peer is believed. A run that does not arrive in full ends the bench.
- *In the call*: wall time inside the calls, in slices of 2,048. *Main thread in all* and *CPU in all*: processor time
  of that thread, and of the whole process with its workers and its garbage collector, from the first call until all is
  delivered, after a warm-up of 20,480 records. After each slice the peer is
  flushed: 2,048 records are full batches for the SDK and for spanlog, and fit every default queue.
- *Memory*: a server that accepts connections and never answers stands in for the Collector, queues are raised to hold
  everything, garbage is collected before each look. *Burst*: default settings, no warm-up, either all in one turn of
  the event loop, or a slice of 1,000 a millisecond.
- *A disabled level*: the fields are written at the call, so whatever a peer does not let the compiler remove is counted.
- *Ways to log*: what \`timed\` runs does nothing. Where a logger has no children, five more attributes are spread into
  the call. A template has two fields in place of five, and a text to make.
- *Requests*: a fastify server in a process of its own answers a route with a parameter and a short JSON body; its
  handler logs nothing. Another process asks over 32 keep-alive connections, each with one request at a time, with a
  \`traceparent\` and without a request id; it reads of an answer only its status and its length, so that it is not
  the slower of the two. *CPU* is of the whole process of the server, from the first request until all is delivered,
  after a warm-up of 5,000 requests. spanlog and the transport deliver to the Collector, which must count each record;
  spanlog's own count of what it emitted must be the same. pino's default destination is stdout, here \`/dev/null\`.

## What is not

- Nobody's network, TLS or compression: peers run on their defaults, on loopback.
- pino's own line of output: with the instrumentation it goes to a stream that throws it away. pino-opentelemetry-transport
  works in a thread, so its *CPU in all* is more than its main thread, its calls wait where the thread lags behind, and,
  with no way to wait for room in the thread's queue, that queue is raised in paced runs.
- winston's transport emits into the Logs API of before SDK 3.x and delivers nothing by itself; here that global is
  set for it. Sampling, console output and long or nested values appear nowhere.
- *Requests* are asked as fast as they are answered, on a machine that the server shares with the load, the Collector and
  the transport's thread: with two processors each of them takes from the others, and p99 is that of a server at its
  limit. \`/dev/null\` takes lines for nothing, and delivers none.
- Figures in ns are of this machine. Ratios carry over better, and not fully.`;
