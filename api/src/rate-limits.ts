// How often one may ask (R1): counted by network and by person on every route, and more strictly where somebody could guess or ask people out.
import { HTTP_RATES } from '@skein/protocol'
import type { Context } from 'hono'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'
import { HttpError } from './problem.ts'

export type Rate = keyof typeof HTTP_RATES
export type Rates = Record<Rate, { quota: number; seconds: number }>

export interface RateLimits {
  /**
   * Counts one, and says in the answer's headers what is left.
   * @throws HttpError `slow-down`, with the seconds until the window ends, once more than the quota was asked within it
   */
  take(c: Pick<Context, 'header'>, rate: Rate, key: string): Promise<void>
  /** One less was asked. */
  giveBack(rate: Rate, key: string): Promise<void>
  /** What was counted under this key is forgotten. */
  forget(rate: Rate, key: string): Promise<void>
}

/** `redis`: a client of `@redis/client`, through which several servers count together; while it does not answer, each counts for itself. */
export function createRateLimits(redis: object | null, rates: Rates = HTTP_RATES): RateLimits {
  const limiterOf = (rate: Rate): RateLimiterAbstract => {
    const options = { keyPrefix: `skein:rate:${rate}`, points: rates[rate].quota, duration: rates[rate].seconds }
    const memory = new RateLimiterMemory(options)
    if (redis === null) return memory
    return new RateLimiterRedis({ ...options, storeClient: redis, useRedisPackage: true, rejectIfRedisNotReady: true, insuranceLimiter: memory })
  }
  const limiters = new Map((Object.keys(rates) as Rate[]).map((rate) => [rate, limiterOf(rate)]))
  const limiter = (rate: Rate): RateLimiterAbstract => {
    const found = limiters.get(rate)
    if (!found) throw new TypeError(`No rate ${rate}`)
    return found
  }
  return {
    async take(c, rate, key) {
      const { quota, seconds } = rates[rate]
      const state = await limiter(rate)
        .consume(key)
        .catch((refused: unknown) => {
          if (refused instanceof RateLimiterRes) return refused
          throw refused
        })
      const left = Math.max(1, Math.ceil(state.msBeforeNext / 1000))
      // As the IETF's draft of RateLimit header fields has it: several policies stand side by side.
      c.header('RateLimit-Policy', `"${rate}";q=${quota};w=${seconds}`, { append: true })
      c.header('RateLimit', `"${rate}";r=${state.remainingPoints};t=${left}`, { append: true })
      if (state.consumedPoints > quota) throw new HttpError('slow-down', `Too many requests. Try again in ${left} seconds.`, left)
    },
    giveBack: async (rate, key) => void (await limiter(rate).reward(key)),
    forget: async (rate, key) => void (await limiter(rate).delete(key)),
  }
}
