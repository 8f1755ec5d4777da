// The log: JSON lines on standard error. Never a token, a password or the text of a message; `error` means that somebody should go and look.
import { pino, type Logger } from 'pino'

const secret = ['password', 'passwordHash', 'token', 'tokenHash', 'accessToken', 'refreshToken', 'authorization', 'cookie', 'text', 'body']

/** Only what an error says by itself: database drivers hang the statement with its values on theirs. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error }
  const { name, message, stack } = error
  const code = 'code' in error ? error.code : undefined
  return { type: name, message, code, stack, ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }) }
}

/** `write` takes one line; standard error when it is left out. */
export function createLogger(write?: (line: string) => void): Logger {
  return pino(
    {
      level: 'info',
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
      serializers: { err: describeError, error: describeError },
      redact: { paths: secret.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '…' },
    },
    write ? { write } : pino.destination({ fd: 2, sync: true }),
  )
}
