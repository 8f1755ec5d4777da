// Notices that somebody rotated the token keys: each server reads the file again and again, so that none has to be restarted or told.
import { RELOAD_MS, type TokenKey } from '@skein/auth'
import type { Logger } from 'pino'
import type { Ports } from './ports.ts'

export function watchKeys(key: TokenKey, ports: Ports, logger: Logger): Disposable {
  const names = (): string =>
    key
      .list(ports.now())
      .map(({ id }) => id)
      .join()
  let trouble = ''
  async function look(): Promise<void> {
    const before = names()
    try {
      await key.reload()
      trouble = ''
      if (names() !== before) logger.info({ keys: key.list(ports.now()) }, 'the token keys were read anew')
    } catch (error) {
      const { message } = error as Error
      if (message !== trouble) logger.error({ error }, 'the token keys cannot be read anew; those that were read before stay in use')
      trouble = message
    }
  }
  const timer = setInterval(() => void look(), RELOAD_MS).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
