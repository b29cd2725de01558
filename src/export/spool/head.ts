import type { SpoolFiles } from './files.ts';
import { decodeHead, HEAD_BYTES } from './frame.ts';

/** Read one after the other, ten thousand heads would be 40 MiB that wait to be collected. */
let spare: Buffer | undefined;

/** What the head of that segment says, as far as it is intact. Fails with Node's code when it can't be read. */
export async function readHead(files: SpoolFiles, fd: number, salt: number): Promise<ReturnType<typeof decodeHead>> {
  const head = spare ?? Buffer.alloc(HEAD_BYTES);
  // Another one may be read meanwhile.
  spare = undefined;
  let length = 0;
  for (let read = 1; read > 0 && length < HEAD_BYTES; length += read) {
    read = await files.read(fd, head.subarray(length), HEAD_BYTES - length, length);
  }
  const decoded = decodeHead(head.subarray(0, length), salt);
  spare = head;
  return decoded;
}
