/** What stands before and after something in a request, as bytes of its wire format. */
export interface Wrap {
  readonly head: Buffer;
  readonly tail: Buffer;
}

/**
 * Who logged the records of a batch that was read back from a spool: what stands around them in a request. It is kept as
 * bytes, so that whoever sends them, at another time and in another process, need not know what is in them.
 */
export interface Origin {
  /** Of the request; tells the wire format. */
  readonly contentType: string;
  readonly resource: Wrap;
  /** Around the records of one scope, by the ids that its process gave them. */
  scope(id: number): Wrap;
}
