import type { Role } from '../api/types';
import { forgetSession } from '../sync/session.svelte';
import { recallJson, remember } from './storage';

/** A wall opened on this device. `seenAt` is in milliseconds since 1970. */
export interface Visited {
  readonly board: string;
  readonly title: string;
  readonly role: Role;
  readonly seenAt: number;
}

const MOST = 50;

/** The walls opened on this device, the latest first. */
export class VisitedWalls {
  #walls = $state.raw<readonly Visited[]>(recallJson('walls', isList) ?? []);

  get walls(): readonly Visited[] {
    return this.#walls;
  }

  saw(wall: Omit<Visited, 'seenAt'>): void {
    const others = this.#walls.filter((one) => one.board !== wall.board);
    this.#keep([{ ...wall, seenAt: Date.now() }, ...others].slice(0, MOST));
  }

  /** Forgets a wall and the access to it; the answer undoes the first, not the second. */
  remove(board: string): void {
    this.#keep(this.#walls.filter((one) => one.board !== board));
    forgetSession(board);
  }

  #keep(walls: readonly Visited[]): void {
    this.#walls = walls;
    remember('walls', JSON.stringify(walls));
  }
}

function isList(value: unknown): value is Visited[] {
  return Array.isArray(value) && value.every(isVisited);
}

function isVisited(value: unknown): value is Visited {
  const wall = value as Partial<Visited> | null;
  return (
    typeof wall?.board === 'string' &&
    typeof wall.title === 'string' &&
    typeof wall.role === 'string' &&
    typeof wall.seenAt === 'number'
  );
}
