// Mail: over SMTP when that is set, else into a folder, where who tries Skein out finds it. Sent behind the request's back, tried again, and given up after a while.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Mail } from '@skein/api'
import { base64url } from '@skein/protocol'
import { createTransport } from 'nodemailer'
import type { Logger } from 'pino'
import type { Ports } from './ports.ts'

/** Between a try that failed and the next, in milliseconds. After the last one a mail is given up: its link would hardly be good any more. */
const RETRY_MS = [5_000, 30_000, 2 * 60_000, 10 * 60_000, 20 * 60_000]
/** Mails that wait, being tried; whatever comes above is lost, and the log says so. */
const MAX_WAITING = 1_000
const MAX_CONNECTIONS = 3
const CONNECT_MS = 10_000
const SILENT_MS = 30_000

export interface Mailer extends AsyncDisposable {
  /** Returns at once and never throws. */
  send(mail: Mail): void
}

export interface MailerOptions {
  /** null: mails are written into `folder`. */
  smtpUrl: string | null
  /** Such as `Skein <skein@example.org>`. */
  from: string
  folder: string
  ports: Ports
  logger: Logger
  retryMs?: readonly number[]
  /** What is being sent gets this long when the server stops, in milliseconds. */
  stopMs: number
}

/** How a mail leaves; resolves with what the log may say of it. */
type Deliver = (mail: Mail) => Promise<object>

export function createMailer(options: MailerOptions): Mailer {
  const { logger, retryMs = RETRY_MS } = options
  const stop = new AbortController()
  const open = new Set<Promise<void>>()
  const { deliver, close } = options.smtpUrl === null ? intoFolder(options) : overSmtp(options.smtpUrl, options.from)

  async function attempt(mail: Mail): Promise<void> {
    const { kind } = mail
    for (let tries = 1; ; tries++) {
      try {
        logger.info({ kind, ...(await deliver(mail)) }, 'a mail was handed over')
        return
      } catch (error) {
        const waitMs = retryMs[tries - 1]
        if (isFinal(error) || waitMs === undefined) return logger.error({ error, kind, tries }, 'a mail was given up')
        logger.warn({ error, kind, tries, waitMs }, 'a mail could not be handed over, and is tried again')
        await wait(waitMs, undefined, { ref: false, signal: stop.signal }).catch(() => undefined)
        if (stop.signal.aborted) return logger.warn({ kind, tries }, 'a mail was given up, since the server stops')
      }
    }
  }

  return {
    send(mail) {
      if (stop.signal.aborted || open.size >= MAX_WAITING) return logger.error({ kind: mail.kind }, 'a mail was given up, since too many wait')
      const sending = attempt(mail).finally(() => open.delete(sending))
      open.add(sending)
    },
    async [Symbol.asyncDispose]() {
      stop.abort()
      await Promise.race([Promise.all(open), wait(options.stopMs, undefined, { ref: false })])
      close()
    },
  }
}

/** The mail server will never take it. */
function isFinal(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'responseCode' in error ? error.responseCode : null
  // Who may not log in today may when somebody has corrected the settings; which takes a restart.
  return typeof code === 'number' && code >= 500
}

const written = ({ to, subject, text }: Mail, from: string) => ({
  ...{ from, to, subject, text },
  headers: { 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
})

function overSmtp(url: string, from: string): { deliver: Deliver; close: () => void } {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: SILENT_MS,
  })
  return {
    deliver: async (mail) => ({ messageId: (await transport.sendMail(written(mail, from))).messageId }),
    close: () => transport.close(),
  }
}

function intoFolder({ folder, from, ports }: MailerOptions): { deliver: Deliver; close: () => void } {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  return {
    async deliver(mail) {
      const { message } = await transport.sendMail(written(mail, from))
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const time = new Date(ports.now()).toISOString().replaceAll(/[:.]/g, '-')
      const file = join(folder, `${time}-${base64url(ports.randomBytes(6))}.eml`)
      await writeFile(file, message as Buffer, { mode: 0o600, flag: 'wx' })
      return { file }
    },
    close: () => undefined,
  }
}
