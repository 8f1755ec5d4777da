// Mail that leaves: over a real SMTP server, with failures on the way, and into a folder.
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, test } from 'vitest'
import { createLogger } from './log.ts'
import { createMailer, type Mailer, type MailerOptions } from './mail.ts'
import { ports } from './ports.ts'

const token = 'a'.repeat(22)
const link = `http://127.0.0.1:8787/reset#token=${token}`
const mail = { kind: 'reset', to: 'ann@example.org', subject: 'Reset your password', text: `Open this:\n\n${link}\n` } as const
const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})

/** Hands each line of the log to who waits for it. */
function listen(): { log: string[]; logger: ReturnType<typeof createLogger>; said(text: string): Promise<string> } {
  const log: string[] = []
  const waiting: { text: string; heard: (line: string) => void }[] = []
  const logger = createLogger((line) => {
    log.push(line)
    for (const one of waiting) if (line.includes(one.text)) one.heard(line)
  })
  return {
    log,
    logger,
    said: (text) => {
      const there = log.find((line) => line.includes(text))
      return there === undefined ? new Promise((heard) => waiting.push({ text, heard })) : Promise.resolve(there)
    },
  }
}

interface Received {
  from: string
  to: string[]
  text: string
}
async function smtp(options: SMTPServerOptions & { port?: number } = {}): Promise<{ port: number; next(): Promise<Received> }> {
  const mails: Received[] = []
  let got: (() => void) | undefined
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onData(stream, session, done) {
      let text = ''
      stream.on('data', (data: Buffer) => (text += String(data)))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        mails.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address), text })
        done()
        got?.()
      })
    },
    ...options,
  })
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server.server, 'listening')
  open.push({ [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) })
  return {
    port: (server.server.address() as AddressInfo).port,
    async next() {
      for (;;) {
        const first = mails.shift()
        if (first) return first
        await new Promise<void>((resolve) => (got = resolve))
      }
    },
  }
}

async function mailer(options: Partial<MailerOptions> & Pick<MailerOptions, 'logger'>): Promise<Mailer & { folder: string }> {
  const folder = join(await mkdtemp(join(tmpdir(), 'skein-mail-')), 'mail')
  const made = createMailer({ smtpUrl: null, from: 'Skein <skein@example.org>', folder, ports, stopMs: 5_000, ...options })
  open.unshift(made)
  return { ...made, folder }
}

describe('over SMTP', () => {
  test('a mail arrives as it was written, with its link in one piece, and says that nobody wrote it', async () => {
    const { log, logger, said } = listen()
    const server = await smtp()
    const { send } = await mailer({ logger, smtpUrl: `smtp://127.0.0.1:${server.port}` })
    const long = link.replace('127.0.0.1:8787', `${'sub.'.repeat(20)}example.org`)
    send({ ...mail, text: `Open this:\n\n${long}\n` })
    const { from, to, text } = await server.next()
    expect([from, to]).toEqual(['skein@example.org', ['ann@example.org']])
    expect(text).toMatch(/^From: Skein <skein@example\.org>\r$/m)
    expect(text).toMatch(/^Subject: Reset your password\r$/m)
    expect(text).toMatch(/^Auto-Submitted: auto-generated\r$/m)
    const decoded = text.replaceAll('=\r\n', '').replaceAll('=3D', '=')
    expect(decoded).toContain(`\r\n${long}\r\n`)
    expect(JSON.parse(await said('handed over'))).toMatchObject({ level: 'info', kind: 'reset' })
    expect(log.join()).not.toMatch(new RegExp(`${token}|ann@`))
  })

  test('it logs in where the address says who it is, and the password stands in no log, also when it is wrong', async () => {
    const { log, logger, said } = listen()
    const server = await smtp({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _, done) =>
        password === 's3cret' ? done(null, { user: username ?? '' }) : done(new Error('No such password')),
    })
    const good = await mailer({ logger, smtpUrl: `smtp://skein:s3cret@127.0.0.1:${server.port}` })
    good.send(mail)
    expect((await server.next()).to).toEqual(['ann@example.org'])
    const bad = await mailer({ logger, smtpUrl: `smtp://skein:wr0ng@127.0.0.1:${server.port}` })
    bad.send(mail)
    expect(JSON.parse(await said('given up'))).toMatchObject({ level: 'error', kind: 'reset', tries: 1 })
    expect(log.join()).not.toMatch(new RegExp(`s3cret|wr0ng|${Buffer.from('\0skein\0wr0ng').toString('base64')}|${token}`))
  })

  test('what a mail server does not take now is tried again; what it never takes is given up at once', async () => {
    const { logger, said, log } = listen()
    let refusals = 2
    const server = await smtp({
      onRcptTo({ address }, _, done) {
        if (address.startsWith('nobody')) return done(Object.assign(new Error('No such mailbox'), { responseCode: 550 }))
        return done(refusals-- > 0 ? Object.assign(new Error('Busy'), { responseCode: 451 }) : null)
      },
    })
    const { send } = await mailer({ logger, smtpUrl: `smtp://127.0.0.1:${server.port}`, retryMs: [1, 1, 1] })
    send(mail)
    expect((await server.next()).to).toEqual(['ann@example.org'])
    expect(log.filter((line) => line.includes('tried again'))).toHaveLength(2)
    send({ ...mail, to: 'nobody@example.org' })
    expect(JSON.parse(await said('given up'))).toMatchObject({ tries: 1 })
  })

  test('where no mail server answers it is given up after a bounded number of tries', async () => {
    const { logger, said, log } = listen()
    const { port } = await smtp()
    await open.pop()?.[Symbol.asyncDispose]()
    const { send } = await mailer({ logger, smtpUrl: `smtp://127.0.0.1:${port}`, retryMs: [1, 1] })
    send(mail)
    expect(JSON.parse(await said('given up'))).toMatchObject({ level: 'error', kind: 'reset', tries: 3, error: { code: 'ESOCKET' } })
    expect(log.join()).not.toContain(token)
  })

  test('a server that stops waits for what is being sent, and says what it gives up', async () => {
    const { logger, said } = listen()
    const server = await smtp()
    const sending = await mailer({ logger, smtpUrl: `smtp://127.0.0.1:${server.port}` })
    sending.send(mail)
    await sending[Symbol.asyncDispose]()
    expect((await server.next()).to).toEqual(['ann@example.org'])
    const busy = await smtp({ onRcptTo: (_, __, done) => done(Object.assign(new Error('Busy'), { responseCode: 451 })) })
    const waiting = await mailer({ logger, smtpUrl: `smtp://127.0.0.1:${busy.port}`, retryMs: [3_600_000] })
    waiting.send(mail)
    await said('tried again')
    await waiting[Symbol.asyncDispose]()
    await said('since the server stops')
    waiting.send(mail)
    await said('too many wait')
  })
})

describe('into a folder', () => {
  test('each mail is a file that its owner alone reads, with the link in one piece; the log names it, and nothing in it', async () => {
    const { log, logger, said } = listen()
    const { send, folder } = await mailer({ logger })
    send(mail)
    send({ ...mail, to: 'bob@example.org' })
    const { file } = JSON.parse(await said('.eml')) as { file: string }
    expect(file.startsWith(folder)).toBe(true)
    await open.shift()?.[Symbol.asyncDispose]()
    const files = await readdir(folder)
    expect(files).toHaveLength(2)
    expect(((await stat(folder)).mode & 0o077) | ((await stat(file)).mode & 0o077)).toBe(0)
    const text = (await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')))).join('\n')
    expect(text).toContain(`\r\n${link}\r\n`)
    expect(text).toMatch(/^To: ann@example\.org\r$/m)
    expect(text).toMatch(/^To: bob@example\.org\r$/m)
    expect(log.join()).not.toMatch(new RegExp(`${token}|ann@`))
  })
})
