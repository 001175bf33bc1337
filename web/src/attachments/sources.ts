import type { Picture, Variant } from '../api/types';

/** One `<source>` of a picture, or its `<img>`. */
export interface Source {
  readonly type: string;
  readonly srcset: string;
}

export interface Sources {
  /** The best format first; the fallback is not among them. */
  readonly sources: readonly Source[];
  readonly fallback: { readonly src: string; readonly srcset: string };
}

/** Formats every browser of the last ten years shows. */
const EVERYWHERE = new Set(['image/jpeg', 'image/png', 'image/gif']);
/** Width in pixels of the file named by `src`, for what doesn't read `srcset`. */
const USUAL_WIDTH = 800;

/** Sorts a picture's variants into what `<picture>` needs; undefined when there is none. */
export function sourcesOf(picture: Picture): Sources | undefined {
  const byType = grouped(picture.variants);
  const types = [...byType.keys()];
  const last = types.find((type) => EVERYWHERE.has(type)) ?? types.at(-1);
  const fallback = last === undefined ? undefined : byType.get(last);
  if (!fallback?.length) return undefined;
  const usual = fallback.find((one) => one.width >= USUAL_WIDTH) ?? (fallback.at(-1) as Variant);
  return {
    sources: types
      .filter((type) => type !== last)
      .map((type) => ({ type, srcset: srcset(byType.get(type) ?? []) })),
    fallback: { src: usual.url, srcset: srcset(fallback) },
  };
}

function grouped(variants: readonly Variant[]): Map<string, Variant[]> {
  const byType = new Map<string, Variant[]>();
  for (const one of variants) byType.set(one.type, [...(byType.get(one.type) ?? []), one]);
  return byType;
}

function srcset(variants: readonly Variant[]): string {
  return variants.map((one) => `${one.url} ${one.width}w`).join(', ');
}
