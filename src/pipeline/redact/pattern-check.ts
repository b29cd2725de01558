import type { CharSet, Node, Sequence } from './pattern-tree.ts';
import { overlap, PatternTree, union, Unreadable } from './pattern-tree.ts';

/**
 * Refuses the user's patterns that may take more than linear time in an engine that goes back, as JavaScript's does.
 *
 * Whoever writes the text that is searched chooses the worst one. A search tries the pattern at every place; so a repetition
 * without an upper bound is accepted only where nobody can make it run over the same characters again and again:
 *
 * - at the end of the pattern, where it can't fail (`ACME-\w+`); or
 * - after a character that it does not take itself (`-\d+x`, not `\w+@`), so that a run of characters is entered from its
 *   start only; and, where another such repetition follows, before a character that it does not take either.
 *
 * All else has to have bounds (`\w{1,64}@`), and few enough ways to match. The rule errs towards refusing.
 */

/** Steps that a pattern may take at one place of a text: some 50 ms for 200 kB. */
const MOST_STEPS = 200;
const MOST_EXPANSIONS = 64;
const NOTHING: CharSet = new Uint8Array(257);

/** A part of a pattern that takes a bounded number of characters, or one repetition without an upper bound. */
interface Piece {
  readonly isLoop: boolean;
  /** What it can start with, and all it can take. */
  readonly first: CharSet;
  readonly all: CharSet;
  /** Whether it may take nothing; an edge takes nothing but can fail. */
  readonly nullable: boolean;
  readonly edge: boolean;
  /** Sets of which every match takes a character. */
  readonly mandatory: readonly CharSet[];
  readonly steps: number;
  /** In how many ways it can match at one place. */
  readonly ways: number;
}

/** Why the pattern is not used, or `undefined` when its time is linear. */
export function refusePattern(pattern: RegExp): string | undefined {
  try {
    let steps = 0;
    for (const sequence of expand(new PatternTree(pattern).branches)) {
      steps += stepsOf(sequence, pattern.multiline);
      if (steps > MOST_STEPS) return 'it can match in too many ways';
    }
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    return 'it can not be judged';
  }
}

/** All ways through groups that hold a repetition without bounds, so that each of them can be judged in its place. */
function expand(branches: readonly Sequence[]): Sequence[] {
  const all = branches.flatMap((branch) => {
    let heads: Node[][] = [[]];
    for (const node of branch) {
      const tails = alternativesOf(node);
      heads = heads.flatMap((head) => tails.map((tail) => [...head, ...tail]));
      if (heads.length > MOST_EXPANSIONS) throw new Unreadable('it can match in too many ways');
    }
    return heads;
  });
  if (all.length > MOST_EXPANSIONS) throw new Unreadable('it can match in too many ways');
  return all;
}

function alternativesOf(node: Node): Sequence[] {
  if (node.kind === 'group' && isUnbounded(node)) return expand(node.branches);
  if (node.kind === 'repeat' && node.max === 1 && isUnbounded(node.node)) {
    return node.min === 0 ? [[], ...alternativesOf(node.node)] : alternativesOf(node.node);
  }
  return [[node]];
}

function isUnbounded(node: Node): boolean {
  switch (node.kind) {
    case 'repeat':
      return node.max === Infinity || isUnbounded(node.node);
    case 'group':
    case 'look':
      return node.branches.some((branch) => branch.some(isUnbounded));
    default:
      return false;
  }
}

/** Steps at one place of a text, without the runs that are walked once; throws when they can't be bounded. */
function stepsOf(sequence: Sequence, multiline: boolean): number {
  const pieces = sequence.map(pieceOf);
  // `^` without the flag `m` is tried at one place only.
  const first = sequence[0];
  const anchored = first?.kind === 'edge' && first.start && !multiline;
  let steps = 0;
  let ways = 1;
  let entries: CharSet[] = [];
  pieces.forEach((piece, i) => {
    const rest = pieces.slice(i + 1);
    if (piece.isLoop) {
      const isEnd = rest.every(({ nullable, edge, isLoop }) => nullable && !edge && !isLoop);
      if (!isEnd && !anchored && !entries.some((set) => !overlap(set, piece.all))) {
        throw new Unreadable('a repetition without an upper bound can be entered at every place of a long run');
      }
      if (rest.some(({ isLoop }) => isLoop) && !endsClearly(piece, rest)) {
        throw new Unreadable('two repetitions without an upper bound can share the same characters');
      }
      entries = [...piece.mandatory];
    } else {
      entries.push(...piece.mandatory);
    }
    steps += ways * piece.steps;
    if (piece.ways > 1 && !endsClearly(piece, rest)) ways *= piece.ways;
    if (steps > MOST_STEPS) throw new Unreadable('it can match in too many ways');
  });
  return steps;
}

/** Whether what must follow can't be taken for a part of the piece, so that where it ends is beyond doubt. */
function endsClearly(piece: Piece, rest: readonly Piece[]): boolean {
  for (const next of rest) {
    if (overlap(piece.all, next.first)) return false;
    if (!next.nullable) return true;
  }
  return rest.length === 0;
}

function pieceOf(node: Node): Piece {
  switch (node.kind) {
    case 'set':
      return { ...PIECE, first: node.set, all: node.set, nullable: false, mandatory: [node.set] };
    case 'edge':
      return { ...PIECE, edge: true };
    case 'look':
      if (isUnbounded(node)) throw new Unreadable('it looks ahead or back without an upper bound');
      return { ...PIECE, edge: true, steps: 1 + groupPiece(node.branches).steps };
    case 'group':
      return groupPiece(node.branches);
    case 'repeat':
      return repeatPiece(node.node, node.min, node.max);
  }
}

const PIECE: Piece = {
  isLoop: false,
  first: NOTHING,
  all: NOTHING,
  nullable: true,
  edge: false,
  mandatory: [],
  steps: 1,
  ways: 1,
};

function groupPiece(branches: readonly Sequence[]): Piece {
  const parts = branches.map(sequencePiece);
  const [only] = parts;
  return {
    ...PIECE,
    first: union(...parts.map(({ first }) => first)),
    all: union(...parts.map(({ all }) => all)),
    nullable: parts.some(({ nullable }) => nullable),
    edge: parts.some(({ edge }) => edge),
    // What every branch takes: a character of one of their sets.
    mandatory:
      parts.length === 1
        ? (only as Piece).mandatory
        : parts.every(({ mandatory }) => mandatory.length > 0)
          ? [union(...parts.map(({ mandatory }) => mandatory[0] as CharSet))]
          : [],
    steps: parts.reduce((sum, { steps }) => sum + steps, 0),
    ways: startApart(parts)
      ? Math.max(...parts.map(({ ways }) => ways))
      : parts.reduce((sum, { ways }) => sum + ways, 0),
  };
}

function sequencePiece(sequence: Sequence): Piece {
  const pieces = sequence.map(pieceOf);
  const starts: CharSet[] = [];
  for (const { first, nullable } of pieces) {
    starts.push(first);
    if (!nullable) break;
  }
  let ways = 1;
  let steps = 0;
  pieces.forEach((piece, i) => {
    steps += ways * piece.steps;
    if (piece.ways > 1 && !(i < pieces.length - 1 && endsClearly(piece, pieces.slice(i + 1)))) ways *= piece.ways;
  });
  return {
    ...PIECE,
    first: union(...starts),
    all: union(...pieces.map(({ all }) => all)),
    nullable: pieces.every(({ nullable }) => nullable),
    edge: pieces.some(({ edge }) => edge),
    mandatory: pieces.flatMap(({ mandatory }) => mandatory),
    steps,
    ways,
  };
}

function repeatPiece(node: Node, min: number, max: number): Piece {
  if (max > 1 && isUnbounded(node)) throw new Unreadable('a repeated group repeats something inside of it');
  const inner = pieceOf(node);
  const mandatory = min > 0 ? inner.mandatory : [];
  const nullable = min === 0 || inner.nullable;
  if (max === Infinity) {
    if (node.kind === 'repeat' || inner.nullable || inner.edge || inner.ways > 1) {
      throw new Unreadable('a repeated group can be divided in more than one way');
    }
    if (node.kind === 'group' && !startApart(node.branches.map(sequencePiece))) {
      throw new Unreadable('a repeated group chooses between branches that start alike');
    }
    return { ...inner, isLoop: true, nullable, mandatory, steps: min * inner.steps + 1 };
  }
  // `ways` of one round, for each round; and a round more or less.
  const rounds = inner.ways ** max * (max - min + 1);
  return { ...inner, nullable, mandatory, steps: Math.max(1, max) * inner.steps * inner.ways, ways: rounds };
}

function startApart(parts: readonly Piece[]): boolean {
  return parts.every(
    (part, i) =>
      !part.nullable && parts.slice(i + 1).every((other) => !other.nullable && !overlap(part.first, other.first)),
  );
}
