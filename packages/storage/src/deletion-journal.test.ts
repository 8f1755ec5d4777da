import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDeletionJournal } from './deletion-journal.ts'

const keyOf = (n: number): string => String(n).padStart(43, 'k')

describe('promise 7: the deletion journal', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'skein-journal-'))
    path = join(folder, 'deletions.journal')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  test('what was added is there after opening it again, each key once', async () => {
    const journal = await openDeletionJournal(path)
    await Promise.all([journal.add([keyOf(1), keyOf(2), keyOf(2)]), journal.add([keyOf(2), keyOf(3)]), journal.add([])])
    await journal.add([keyOf(1)])
    await journal[Symbol.asyncDispose]()
    expect(readFileSync(path, 'utf8')).toBe(`${keyOf(1)}\n${keyOf(2)}\n${keyOf(3)}\n`)
    await using again = await openDeletionJournal(path)
    expect([1, 2, 3, 4].map((n) => again.has(keyOf(n)))).toEqual([true, true, true, false])
  })

  test('a torn last line, at whatever byte, is cut off, and the next key stands on a line of its own', async () => {
    for (let left = 1; left <= 43; left++) {
      writeFileSync(path, `${keyOf(1)}\n${keyOf(2)}\n`)
      truncateSync(path, 44 + left)
      const journal = await openDeletionJournal(path)
      expect([journal.has(keyOf(1)), journal.has(keyOf(2))]).toEqual([true, false])
      await journal.add([keyOf(3)])
      await journal[Symbol.asyncDispose]()
      expect(readFileSync(path, 'utf8')).toBe(`${keyOf(1)}\n${keyOf(3)}\n`)
    }
  })

  test('a damaged file is refused with its line, and left as it is', async () => {
    writeFileSync(path, `${keyOf(1)}\nnot a key\n${keyOf(2)}\n`)
    appendFileSync(path, 'torn')
    await expect(openDeletionJournal(path)).rejects.toMatchObject({ code: 'journal-damaged', message: expect.stringContaining('line 2') })
    expect(readFileSync(path, 'utf8')).toContain('torn')
    await expect(openDeletionJournal(join(path, 'x'))).rejects.toMatchObject({ code: 'journal-damaged' })
  })
})
