// Plain JSON, checked without recursion: what a log may hold is exactly what a row can hold (A7, A9, A10).
import canonicalizeJson from 'canonicalize'
import { MAX_DEPTH, MAX_NODES } from './limits.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** Why a value is no plain JSON within the limits; null when it is. Iterative, so that no nesting can overflow the stack. */
export function jsonProblem(value: unknown): 'too-deep' | 'bad-operation' | null {
  const left: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  let nodes = 0
  for (let next = left.pop(); next; next = left.pop()) {
    if (next.depth > MAX_DEPTH || ++nodes > MAX_NODES) return 'too-deep'
    const v = next.value
    if (v === null || typeof v === 'boolean') continue
    if (typeof v === 'number') {
      if (!Number.isFinite(v) || Object.is(v, -0)) return 'bad-operation'
    } else if (typeof v === 'string') {
      if (!v.isWellFormed() || v.includes('\0')) return 'bad-operation'
    } else if (Array.isArray(v)) {
      if (v.length > MAX_NODES) return 'too-deep'
      for (const item of v) left.push({ value: item, depth: next.depth + 1 })
    } else if (typeof v === 'object') {
      const prototype: unknown = Object.getPrototypeOf(v)
      if (prototype !== Object.prototype && prototype !== null) return 'bad-operation'
      const entries = Object.entries(v)
      if (entries.length > MAX_NODES) return 'too-deep'
      for (const [key, item] of entries) {
        if (forbiddenKeys.has(key) || !key.isWellFormed()) return 'bad-operation'
        left.push({ value: item, depth: next.depth + 1 })
      }
    } else return 'bad-operation'
  }
  return null
}

/** Canonical JSON (RFC 8785): the text that is hashed, stored in rows and turned back into ledger bytes. */
export function canonicalJson(value: Json | object): string {
  const text = canonicalizeJson(value)
  if (text === undefined) throw new TypeError('Not JSON')
  return text
}
