// Cursors: opaque to whoever holds one, checked when it comes back.

/** What came back is no cursor of this list: a bad request, not a failure. */
export class CursorError extends Error {
  constructor() {
    super('This cursor is not one that was handed out')
    this.name = 'CursorError'
  }
}

export const toCursor = (...parts: (string | number)[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url')

/** @throws CursorError */
export function fromCursor<First extends string | number, Second>(
  cursor: string,
  isFirst: (value: unknown) => value is First,
  isSecond: (value: unknown) => value is Second,
): [First, Second] {
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    throw new CursorError()
  }
  if (!Array.isArray(parts)) throw new CursorError()
  const [first, second]: unknown[] = parts
  if (!isFirst(first) || !isSecond(second)) throw new CursorError()
  return [first, second]
}

export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
export const isText = (value: unknown): value is string => typeof value === 'string'
export const isNothing = (value: unknown): value is undefined => value === undefined
