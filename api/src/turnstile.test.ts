import { expect, test } from 'vitest'
import { createTurnstile } from './turnstile.ts'

test('so many are inside at once, the others follow in order, also behind one that fails', async () => {
  const atOnce = createTurnstile(2)
  const begun: number[] = []
  const ends = new Map<number, (error?: Error) => void>()
  const works = Array.from({ length: 5 }, (_, n) =>
    atOnce(
      () =>
        new Promise<number>((resolve, reject) => {
          begun.push(n)
          ends.set(n, (error) => (error ? reject(error) : resolve(n)))
        }),
    ),
  )
  expect(begun).toEqual([0, 1])
  ends.get(1)?.(new Error('failed'))
  await expect(works[1]).rejects.toThrow('failed')
  expect(begun).toEqual([0, 1, 2])
  for (const n of [0, 2]) {
    ends.get(n)?.()
    expect(await works[n]).toBe(n)
  }
  expect(begun).toEqual([0, 1, 2, 3, 4])
  for (const n of [3, 4]) ends.get(n)?.()
  expect(await Promise.all([works[3], works[4]])).toEqual([3, 4])
  expect(await atOnce(() => Promise.resolve('free again'))).toBe('free again')
})
