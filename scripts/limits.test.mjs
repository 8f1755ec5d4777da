// Every limit is kept: one that no test names may be gone tomorrow, and nobody would know.
import { expect, test } from 'vitest'
import { readSources } from './sources.mjs'

test('each limit of the protocol is named by a test', () => {
  const sources = readSources()
  const limits = Array.from(
    sources.find(({ path }) => path === 'packages/protocol/src/limits.ts').text.matchAll(/^export const ([A-Z_]+) = /gm),
    ([, name]) => name,
  )
  expect(limits.length).toBeGreaterThan(40)
  const tests = sources.filter(({ isTest, path }) => isTest && !path.startsWith('packages/testing/')).map(({ text }) => text)
  expect(limits.filter((name) => !tests.some((text) => new RegExp(`\\b${name}\\b`).test(text)))).toEqual([])
})
