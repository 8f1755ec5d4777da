import type { Sentences } from './table.ts'

export const sentences: Sentences = {}
