import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/**
 * A keep-alive connection with one request at a time. It reads of an answer only where it ends and that it is a 200: an
 * HTTP client takes more processor time than the server beside it, and would be what is measured.
 */
export class Connection {
  readonly #socket: Socket;
  #received = '';
  #sentMs = 0;
  #resolve: ((latencyMs: number) => void) | undefined;
  #reject: ((error: Error) => void) | undefined;
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#take(text));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed a connection')));
  }

  static async open(host: string, port: number): Promise<Connection> {
    const socket = connect({ host, port });
    await once(socket, 'connect');
    return new Connection(socket);
  }

  /** Resolves with the ms until the answer is in; rejects for any other answer than a 200 with a Content-Length. */
  request(request: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#sentMs = performance.now();
      if (this.#failure === undefined) this.#socket.write(request);
      else reject(this.#failure);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#received += text;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (!head.startsWith('HTTP/1.1 200 ') || length === undefined) {
      this.#fail(new Error(`an answer that was not expected:\n${head}`));
    } else if (this.#received.length >= headEnd + 4 + Number(length)) {
      this.#received = '';
      this.#resolve?.(performance.now() - this.#sentMs);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#reject?.(error);
  }
}
