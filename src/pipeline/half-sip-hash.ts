/**
 * HalfSipHash-1-3 with 64 bits of output (Aumasson and Bernstein; the reference is github.com/veorq/SipHash) over whole
 * words. Without the key nobody can make two messages of one hash but by chance, one in 2^64 for a pair. 1 and 3 rounds
 * are what hash tables take, whose hashes are shown to nobody (Linux: hsiphash; Rust: SipHash-1-3).
 *
 * @param words one more than `count`, for the length; the first two take the hash
 */
export function halfSipHash(words: Int32Array, count: number, key0: number, key1: number): void {
  let v0 = key0 | 0;
  let v1 = key1 ^ 0xee;
  let v2 = key0 ^ 0x6c796765;
  let v3 = key1 ^ 0x74656462;
  words[count] = (4 * count) << 24;
  for (let i = 0; i <= count; i++) {
    const word = words[i] as number;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  // Written twice: asking at each word whether it is the last cost as much as a third of the words.
  v2 ^= 0xee;
  for (let i = 0; i < 6; i++) {
    if (i === 3) {
      words[0] = v1 ^ v3;
      v1 ^= 0xdd;
    }
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
  }
  words[1] = v1 ^ v3;
}
