import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isLoopback, readSettings } from './settings.ts'
import { StartError } from './start-error.ts'

describe('settings', () => {
  test('nothing set, or set to nothing', () => {
    const defaults = {
      port: 8787,
      host: '127.0.0.1',
      dataDir: resolve('data'),
      databaseUrl: null,
      publicUrl: null,
      trustedHops: 0,
      registration: 'open',
      contacts: 'everyone',
      findByEmail: true,
      unconfirmedMayLogIn: true,
      smtpUrl: null,
      mailFrom: 'Skein <skein@localhost>',
      issuer: null,
      provider: null,
      corsOrigins: [],
      rateLimits: true,
      redisUrl: null,
      webhookPrivateAddresses: false,
      reportsWebhook: null,
      demo: true,
    }
    expect(readSettings({})).toEqual(defaults)
    expect(
      readSettings({
        PORT: '',
        HOST: '',
        DATA_DIR: '',
        DATABASE_URL: '',
        PUBLIC_URL: '',
        TRUSTED_HOPS: '',
        REGISTRATION: '',
        CONTACTS: '',
        FIND_BY_EMAIL: '',
        EMAIL_CONFIRMATION: '',
        SMTP_URL: '',
        MAIL_FROM: '',
        ISSUER: '',
        ISSUER_AUDIENCE: '',
        ISSUER_JWKS_URL: '',
        ISSUER_SECRET: '',
        OIDC_ISSUER: '',
        OIDC_CLIENT_ID: '',
        OIDC_CLIENT_SECRET: '',
        OIDC_CLIENT_SECRET_FILE: '',
        OIDC_LABEL: '',
        CORS_ORIGINS: '',
        RATE_LIMITS: '',
        REDIS_URL: '',
        WEBHOOK_PRIVATE_ADDRESSES: '',
        REPORTS_WEBHOOK_URL: '',
        REPORTS_WEBHOOK_SECRET: '',
        SKEIN_DEMO: '',
        HOME: '/x',
      }),
    ).toEqual(defaults)
  })

  test('all set', () => {
    const env = {
      PORT: '0',
      HOST: '0.0.0.0',
      DATA_DIR: '/var/skein',
      DATABASE_URL: 'mysql://skein:secret@db:3306/skein',
      PUBLIC_URL: 'https://chat.example.org/',
      TRUSTED_HOPS: '2',
      REGISTRATION: 'invite',
      CONTACTS: 'shared',
      FIND_BY_EMAIL: 'off',
      EMAIL_CONFIRMATION: 'required',
      SMTP_URL: 'smtps://skein:secret@mail.example.org:465',
      MAIL_FROM: 'Skein <skein@example.org>',
      ISSUER: 'https://id.example.org',
      ISSUER_AUDIENCE: 'chat',
      ISSUER_JWKS_URL: 'https://id.example.org/jwks.json',
      OIDC_ISSUER: 'https://login.example.org/realm',
      OIDC_CLIENT_ID: 'skein',
      OIDC_CLIENT_SECRET: 'a secret',
      OIDC_LABEL: ' Example ',
      CORS_ORIGINS: 'https://www.example.org, http://localhost:3000',
      RATE_LIMITS: 'off',
      REDIS_URL: 'redis://cache:6379',
      WEBHOOK_PRIVATE_ADDRESSES: '1',
      REPORTS_WEBHOOK_URL: 'http://desk.internal/reports',
      REPORTS_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      SKEIN_DEMO: '1',
    }
    expect(readSettings(env)).toEqual({
      port: 0,
      host: '0.0.0.0',
      dataDir: '/var/skein',
      databaseUrl: env.DATABASE_URL,
      publicUrl: 'https://chat.example.org',
      trustedHops: 2,
      registration: 'invite',
      contacts: 'shared',
      findByEmail: false,
      unconfirmedMayLogIn: false,
      smtpUrl: env.SMTP_URL,
      mailFrom: env.MAIL_FROM,
      issuer: { issuer: env.ISSUER, audience: 'chat', keys: { jwksUrl: env.ISSUER_JWKS_URL } },
      provider: { issuer: env.OIDC_ISSUER, clientId: 'skein', clientSecret: 'a secret', label: 'Example' },
      corsOrigins: ['https://www.example.org', 'http://localhost:3000'],
      rateLimits: false,
      redisUrl: 'redis://cache:6379',
      webhookPrivateAddresses: true,
      reportsWebhook: { url: env.REPORTS_WEBHOOK_URL, secret: env.REPORTS_WEBHOOK_SECRET },
      demo: false,
    })
  })

  test('no demo where others can reach the server', () => {
    expect(readSettings({ SKEIN_DEMO: '0' }).demo).toBe(false)
    expect(readSettings({ HOST: '::' }).demo).toBe(false)
    expect(readSettings({ PUBLIC_URL: 'http://localhost:8787' }).demo).toBe(false)
    expect(readSettings({ HOST: '::1' }).demo).toBe(true)
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1'].every(isLoopback)).toBe(true)
    expect(['0.0.0.0', '127.0.0.1.example.org', '10.0.0.1', '::'].some(isLoopback)).toBe(false)
  })

  test('a webhook for reports has an address and a secret', () => {
    const [url, secret] = ['https://desk.example.org', `whsec_${Buffer.alloc(24).toString('base64')}`]
    expect(readSettings({ REPORTS_WEBHOOK_URL: url, REPORTS_WEBHOOK_SECRET: secret }).reportsWebhook).toEqual({ url, secret })
    for (const half of [{ REPORTS_WEBHOOK_URL: url }, { REPORTS_WEBHOOK_SECRET: secret }])
      expect(() => readSettings(half)).toThrow('REPORTS_WEBHOOK_URL and REPORTS_WEBHOOK_SECRET belong together')
  })

  test.each([
    ['PORT', ['x', '-1', '65536', '1.5', '123456']],
    ['HOST', ['a b']],
    ['DATABASE_URL', ['postgres://x', './file.db', 'secret']],
    ['PUBLIC_URL', ['chat.example.org', 'ftp://x', 'https://example.org/chat']],
    ['TRUSTED_HOPS', ['x', '-1', '10', '1.5']],
    ['REGISTRATION', ['yes']],
    ['CONTACTS', ['all', 'everybody', 'Shared']],
    ['FIND_BY_EMAIL', ['0', 'no']],
    ['EMAIL_CONFIRMATION', ['yes']],
    // The last one is good, but for what it needs beside it.
    ['SMTP_URL', ['mail.example.org', 'http://mail', 'smtp://user:secret@mail.example.org']],
    ['MAIL_FROM', ['Skein', 'a@b@c', 'Skein <skein>', 'x\r\nBcc: a@b <a@b.example>', 'two words@example.org']],
    ['CORS_ORIGINS', ['*', 'null', 'www.example.org', 'https://www.example.org/', 'https://a.example,', 'https://a.example https://b.example']],
    ['RATE_LIMITS', ['0', 'none']],
    ['REDIS_URL', ['cache:6379', 'http://cache']],
    ['WEBHOOK_PRIVATE_ADDRESSES', ['yes']],
    ['REPORTS_WEBHOOK_URL', ['desk', 'ftp://desk']],
    ['REPORTS_WEBHOOK_SECRET', ['secret', 'whsec_short']],
    ['SKEIN_DEMO', ['false']],
  ])('a wrong %s is named with what it expects, and not repeated', (name, values) => {
    for (const value of values) {
      const read = () => readSettings({ [name]: value })
      expect(read).toThrow(StartError)
      expect(read).toThrow(new RegExp(`^${name} is wrong: it expects .{4,}\\.$`))
    }
  })

  test('an issuer needs an audience and one way to its keys, and nothing of it stands without it', () => {
    const all = { ISSUER: 'embedder', ISSUER_AUDIENCE: 'chat', ISSUER_SECRET: 's'.repeat(32) }
    expect(readSettings(all).issuer).toEqual({ issuer: 'embedder', audience: 'chat', keys: { secret: 's'.repeat(32) } })
    expect(() => readSettings({ ...all, ISSUER_SECRET: 'short' })).toThrow(/^ISSUER_SECRET is wrong: it expects [^\n]*$/)
    for (const wrong of ['id.example.org/jwks', 'http://id.example.org/jwks', 'file:///etc/passwd'])
      expect(() => readSettings({ ...all, ISSUER_SECRET: '', ISSUER_JWKS_URL: wrong })).toThrow(/^ISSUER_JWKS_URL is wrong: it expects [^\n]*$/)
    const url = 'http://127.0.0.1:8080/jwks'
    expect(readSettings({ ...all, ISSUER_SECRET: '', ISSUER_JWKS_URL: url }).issuer?.keys).toEqual({ jwksUrl: url })
    for (const change of [{ ISSUER: '' }, { ISSUER_AUDIENCE: '' }, { ISSUER_SECRET: '' }, { ISSUER_JWKS_URL: url }])
      expect(() => readSettings({ ...all, ...change })).toThrow(/^ISSUER is wrong: it expects [^\n]*$/)
  })

  test('an OpenID provider needs a client, one secret, and an address to send people back to; the secret may stand in a file', () => {
    const all = { OIDC_ISSUER: 'https://login.example.org', OIDC_CLIENT_ID: 'skein', OIDC_CLIENT_SECRET: 'the secret' }
    expect(readSettings(all).provider).toEqual({
      issuer: 'https://login.example.org',
      clientId: 'skein',
      clientSecret: 'the secret',
      label: 'login.example.org',
    })
    for (const change of [
      { OIDC_ISSUER: '' },
      { OIDC_CLIENT_ID: '' },
      { OIDC_CLIENT_SECRET: '' },
      { HOST: '0.0.0.0' },
      { OIDC_ISSUER: 'http://login.example.org' },
      { OIDC_ISSUER: 'login.example.org' },
      { OIDC_ISSUER: 'https://login.example.org/?tenant=1' },
    ])
      expect(() => readSettings({ ...all, ...change })).toThrow(/^OIDC_ISSUER is wrong: it expects [^\n]*$/)
    expect(readSettings({ ...all, HOST: '0.0.0.0', PUBLIC_URL: 'https://chat.example.org' }).provider).not.toBeNull()
    expect(() => readSettings({ OIDC_LABEL: 'Example' })).toThrow(/^OIDC_ISSUER is wrong/)
    for (const label of ['x'.repeat(41), 'two\nlines'])
      expect(() => readSettings({ ...all, OIDC_LABEL: label })).toThrow(/^OIDC_LABEL is wrong: it expects [^\n]*$/)

    const folder = mkdtempSync(join(tmpdir(), 'skein-settings-'))
    const [file, empty] = [join(folder, 'secret'), join(folder, 'empty')]
    writeFileSync(file, 'from a file\n')
    writeFileSync(empty, '\n')
    const byFile = { ...all, OIDC_CLIENT_SECRET: '', OIDC_CLIENT_SECRET_FILE: file }
    expect(readSettings(byFile).provider?.clientSecret).toBe('from a file')
    expect(() => readSettings({ ...byFile, OIDC_CLIENT_SECRET: 'twice' })).toThrow(/^OIDC_ISSUER is wrong/)
    for (const wrong of [empty, join(folder, 'nothing'), folder])
      expect(() => readSettings({ ...byFile, OIDC_CLIENT_SECRET_FILE: wrong })).toThrow(/^OIDC_CLIENT_SECRET_FILE is wrong: it expects [^\n]*$/)
    rmSync(folder, { recursive: true })
  })

  test('all that are wrong, in one go', () => {
    expect(() => readSettings({ PORT: 'x', REGISTRATION: 'x', DATABASE_URL: 'redis://:secret@x' })).toThrow(
      /^PORT .*\nDATABASE_URL .*\nREGISTRATION .*$/,
    )
    expect(() => readSettings({ DATABASE_URL: 'redis://:secret@x' })).not.toThrow(/secret/)
  })
})
