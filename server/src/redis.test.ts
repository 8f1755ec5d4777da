// R1: two servers count requests together through a real Redis, and each for itself while it is gone.
import { createRateLimits } from '@skein/api'
import { HTTP_RATES } from '@skein/protocol'
import { startRedis } from '@skein/testing'
import { expect, test } from 'vitest'
import { createLogger } from './log.ts'
import { openRedis } from './redis.ts'

const rates = { ...HTTP_RATES, login: { quota: 4, seconds: 60 } }
const nobody = { header: () => undefined }

test(
  'R1: guesses at one server count at the other; without Redis the server works on, and counts again with it when it is back',
  { timeout: 60_000 },
  async () => {
    await using redis = await startRedis()
    const lines: string[] = []
    const logger = createLogger((line) => void lines.push(line))
    await using one = await openRedis(redis.url, logger)
    await using two = await openRedis(redis.url, logger)
    const answers = ({ ping }: typeof one): Promise<void> =>
      expect
        .poll(
          () =>
            ping().then(
              () => true,
              () => false,
            ),
          { timeout: 20_000 },
        )
        .toBe(true)
    await Promise.all([answers(one), answers(two)])
    const limits = [createRateLimits(one.client, rates), createRateLimits(two.client, rates)]
    /** How many of so many guesses, at the servers in turn, were let through. */
    const guess = async (count: number, who = 'somebody'): Promise<number> => {
      let taken = 0
      for (let n = 0; n < count; n++) {
        const refused = await limits[n % 2]?.take(nobody, 'login', who).then(
          () => false,
          (error: unknown) => {
            expect(error).toMatchObject({ code: 'slow-down' })
            return true
          },
        )
        if (!refused) taken++
      }
      return taken
    }
    expect(await guess(10)).toBe(4)
    await limits[0]?.forget('login', 'somebody')
    expect(await guess(6)).toBe(4)
    await redis.kill()
    await expect(one.ping()).rejects.toThrow()
    expect(await guess(10)).toBe(8)
    await redis.start()
    await Promise.all([answers(one), answers(two)])
    // What it held is gone; they count together again.
    expect(await guess(10)).toBe(4)
    // It hangs: nobody waits for it longer than for a sign of life.
    redis.pause()
    expect(await guess(10, 'another')).toBe(8)
    redis.resume()
    await Promise.all([answers(one), answers(two)])
    expect(lines.join('')).toContain('Redis does not answer')
    expect(lines.join('')).toMatch(/"error":\{"type":"\w*Error"/)
    expect(lines.join('')).toContain('Redis answers again')
  },
)
