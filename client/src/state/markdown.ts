// What reads Markdown, loaded when the first message needs it. Until then, and where it cannot be loaded, words stand as they were typed.
import type { Block } from '../model/markdown.ts'

let read: ((text: string) => Block[]) | null = null
let loading: Promise<void> | null = null

/** Resolves when `blocksIn` answers. */
export function loadMarkdown(): Promise<void> {
  loading ??= import('../model/markdown.ts').then(
    ({ blocksOf }) => {
      read = blocksOf
    },
    () => {
      loading = null
    },
  )
  return loading
}

/** null: not loaded yet. */
export const blocksIn = (text: string): Block[] | null => read?.(text) ?? null
