/**
 * What spanlog promises for each durability, written by hand: the tables below it on the page show that it is so, as far
 * as a process can be made to end that way.
 */
export const GUARANTEES = `## What is promised

| the end | \`memory\` (default) | \`disk\` | \`sync\` |
| --- | --- | --- | --- |
| plain return, \`beforeExit\` | every record, if the collector takes it within \`limits.exitTimeoutMs\`; else the number lost is said on stderr | every record: what the collector did not take in time is sent at the next start | as \`disk\` |
| \`process.exit(n)\` | the same; what is pending is sent synchronously | the same | the same |
| uncaught error, unhandled rejection | the same, and the error itself as a FATAL record; exit code and stderr are Node’s own | the same | the same |
| SIGTERM, SIGINT, SIGHUP | the same; the process ends by the signal, and the application’s own handlers keep their say | the same | the same |
| \`kill -9\`, a crash of Node itself | what was sent before | every record but those of the last 100 ms, twice \`spool.windowMs\`, in which the event loop turned | every record whose call returned |
| OOM kill | as \`kill -9\`, which it is | as \`kill -9\` | as \`kill -9\` |
| power cut, crash of the kernel | what was sent before | \`spool.fsync\` \`never\`: what the system had put on the medium by itself, which may lag by half a minute; \`interval\`: all but the last second; \`always\`: as \`kill -9\` | \`never\`, \`interval\`: as \`disk\`; \`always\`: every record whose call returned |

- *Arrives* means that the collector acknowledged it. What was on its way when the process died may arrive twice; with
  \`disk\` and \`sync\` each record has a \`log.record.uid\` by which a backend can drop the second.
- A spool is sent by the next process that starts with the same \`spool.directory\`. In a container it has to be on a
  volume: the default, the system’s folder for temporary files, ends with the container, and on a tmpfs it ends with the
  machine.
- A spool is bounded by \`spool.maxBytes\` and \`spool.maxAgeMs\`, memory by \`limits.queueBytes\`. What does not fit is
  dropped as \`onFull\` says, counted in the ledger, and told. All of it: [settings](settings.md#durability).`;
