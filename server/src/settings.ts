// All settings: environment variables, checked once before anything is opened. docs/ lists them as part of the stable surface.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isWebhookSecret, type IssuerKeys } from '@skein/auth'
import { z } from 'zod'
import { StartError } from './start-error.ts'

const isUrl = (protocols: string[]) => (text: string) => protocols.includes(URL.parse(text)?.protocol ?? '')

const isSafeUrl = (text: string): boolean => isUrl(['https:'])(text) || (isUrl(['http:'])(text) && isLoopback(new URL(text).hostname))

/** What stands in a file, without the line break that editors leave; empty for one that cannot be read. */
function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

const environment = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port <= 65_535)
    .default(8787),
  HOST: z.string().regex(/^\S+$/).default('127.0.0.1'),
  DATA_DIR: z.string().default('./data'),
  DATABASE_URL: z
    .string()
    .refine(isUrl(['mysql:']))
    .optional(),
  PUBLIC_URL: z
    .string()
    .refine(isUrl(['http:', 'https:']))
    .refine((text) => URL.parse(text)?.pathname === '/')
    .transform((text) => new URL(text).origin)
    .optional(),
  TRUSTED_HOPS: z.string().regex(/^\d$/).transform(Number).default(0),
  REGISTRATION: z.enum(['open', 'invite', 'closed']).default('open'),
  CONTACTS: z.enum(['everyone', 'shared']).default('everyone'),
  FIND_BY_EMAIL: z.enum(['on', 'off']).default('on'),
  EMAIL_CONFIRMATION: z.enum(['optional', 'required']).default('optional'),
  SMTP_URL: z
    .string()
    .refine(isUrl(['smtp:', 'smtps:']))
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(/^(?:[^<>\p{Cc}]{1,100} <[^\s<>@]+@[^\s<>@]+>|[^\s<>@]+@[^\s<>@]+)$/u)
    .optional(),
  ISSUER: z.string().max(500).optional(),
  ISSUER_AUDIENCE: z.string().optional(),
  ISSUER_JWKS_URL: z.string().refine(isSafeUrl).optional(),
  ISSUER_SECRET: z.string().min(32).optional(),
  OIDC_ISSUER: z
    .string()
    .max(500)
    .refine((text) => isSafeUrl(text) && !/[?#]/.test(text))
    .optional(),
  OIDC_CLIENT_ID: z.string().max(500).optional(),
  OIDC_CLIENT_SECRET: z.string().optional(),
  OIDC_CLIENT_SECRET_FILE: z
    .string()
    .transform((path, context) => {
      const secret = readSecret(path)
      if (secret !== '') return secret
      context.addIssue({ code: 'custom' })
      return z.NEVER
    })
    .optional(),
  OIDC_LABEL: z
    .string()
    .trim()
    .regex(/^[^\p{Cc}]{1,40}$/u)
    .optional(),
  CORS_ORIGINS: z
    .string()
    .transform((text) => text.split(',').map((origin) => origin.trim()))
    .refine((origins) => origins.every((origin) => isUrl(['http:', 'https:'])(origin) && new URL(origin).origin === origin))
    .default([]),
  RATE_LIMITS: z.enum(['on', 'off']).default('on'),
  REDIS_URL: z
    .string()
    .refine(isUrl(['redis:', 'rediss:']))
    .optional(),
  WEBHOOK_PRIVATE_ADDRESSES: z.enum(['0', '1']).default('0'),
  REPORTS_WEBHOOK_URL: z
    .string()
    .refine(isUrl(['http:', 'https:']))
    .optional(),
  REPORTS_WEBHOOK_SECRET: z.string().refine(isWebhookSecret).optional(),
  SKEIN_DEMO: z.enum(['0', '1']).default('1'),
})
/** What is right by itself may be wrong beside the rest: a mail's links need an address that nobody else can name, and a sender. */
const consistent = environment
  .refine((given) => given.SMTP_URL === undefined || (given.PUBLIC_URL !== undefined && given.MAIL_FROM !== undefined), { path: ['SMTP_URL'] })
  .refine(
    ({ ISSUER, ISSUER_AUDIENCE, ISSUER_JWKS_URL, ISSUER_SECRET }) => {
      const keys = [ISSUER_JWKS_URL, ISSUER_SECRET].filter((one) => one !== undefined).length
      return ISSUER === undefined ? ISSUER_AUDIENCE === undefined && keys === 0 : ISSUER_AUDIENCE !== undefined && keys === 1
    },
    { path: ['ISSUER'] },
  )
  .refine(
    ({ OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, OIDC_CLIENT_SECRET_FILE, OIDC_LABEL, PUBLIC_URL, HOST }) => {
      const secrets = [OIDC_CLIENT_SECRET, OIDC_CLIENT_SECRET_FILE].filter((one) => one !== undefined).length
      if (OIDC_ISSUER === undefined) return OIDC_CLIENT_ID === undefined && secrets === 0 && OIDC_LABEL === undefined
      // People are sent back to the address that they use, which nobody else can name.
      return OIDC_CLIENT_ID !== undefined && secrets === 1 && (PUBLIC_URL !== undefined || isLoopback(HOST))
    },
    { path: ['OIDC_ISSUER'] },
  )

function issuerOf({ ISSUER, ISSUER_AUDIENCE, ISSUER_JWKS_URL, ISSUER_SECRET }: z.output<typeof environment>): Settings['issuer'] {
  if (ISSUER === undefined || ISSUER_AUDIENCE === undefined) return null
  const keys: IssuerKeys = ISSUER_JWKS_URL === undefined ? { secret: ISSUER_SECRET ?? '' } : { jwksUrl: ISSUER_JWKS_URL }
  return { issuer: ISSUER, audience: ISSUER_AUDIENCE, keys }
}

function providerOf(given: z.output<typeof environment>): Settings['provider'] {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_CLIENT_SECRET, OIDC_CLIENT_SECRET_FILE, OIDC_LABEL } = given
  const clientSecret = OIDC_CLIENT_SECRET ?? OIDC_CLIENT_SECRET_FILE
  if (issuer === undefined || clientId === undefined || clientSecret === undefined) return null
  return { issuer, clientId, clientSecret, label: OIDC_LABEL ?? new URL(issuer).hostname }
}

const expectations: Record<keyof z.infer<typeof environment>, string> = {
  PORT: 'a port number from 0 to 65535 (0 picks a free one)',
  HOST: 'an address or a name to listen on, such as 127.0.0.1',
  DATA_DIR: 'the path of a folder',
  DATABASE_URL: 'mysql://user:password@host:port/database, or nothing for SQLite in DATA_DIR',
  PUBLIC_URL: 'the address that people open, such as https://chat.example.org, without a path',
  TRUSTED_HOPS: 'the number of proxies before the server, from 0 to 9',
  REGISTRATION: 'open, invite or closed',
  CONTACTS: 'everyone (everybody on this server finds everybody) or shared (only who shares a chat)',
  FIND_BY_EMAIL: 'on or off',
  EMAIL_CONFIRMATION: 'optional or required',
  SMTP_URL: 'smtp://user:password@host:587 or smtps://user:password@host:465, and PUBLIC_URL and MAIL_FROM beside it, or nothing',
  MAIL_FROM: 'the sender of mails, such as Skein <skein@example.org>',
  ISSUER: 'what the tokens of another issuer name as `iss`, with ISSUER_AUDIENCE and either ISSUER_JWKS_URL or ISSUER_SECRET beside it, or nothing',
  ISSUER_AUDIENCE: 'what these tokens name as `aud`',
  ISSUER_JWKS_URL: 'the https: address of the issuer’s JSON Web Key Set',
  ISSUER_SECRET: 'a secret of at least 32 characters that the issuer signs with (HS256)',
  OIDC_ISSUER:
    'the https: address of an OpenID provider, with OIDC_CLIENT_ID, either OIDC_CLIENT_SECRET or OIDC_CLIENT_SECRET_FILE, and PUBLIC_URL beside it, or nothing',
  OIDC_CLIENT_ID: 'the name by which the provider knows this server',
  OIDC_CLIENT_SECRET: 'the secret that goes with OIDC_CLIENT_ID',
  OIDC_CLIENT_SECRET_FILE: 'the path of a file that can be read and holds this secret alone',
  OIDC_LABEL: 'what people call the provider, in at most 40 characters',
  CORS_ORIGINS: 'origins such as https://www.example.org, with commas between them, or nothing',
  RATE_LIMITS: 'on or off',
  REDIS_URL: 'redis://host:port, or nothing',
  WEBHOOK_PRIVATE_ADDRESSES: '0, or 1 to let webhooks lead into your own network and to plain http',
  REPORTS_WEBHOOK_URL: 'an http or https address, or nothing',
  REPORTS_WEBHOOK_SECRET: 'whsec_ and 24 to 64 bytes in base64, with REPORTS_WEBHOOK_URL',
  SKEIN_DEMO: '0 (no demo accounts) or 1',
}

/** Every variable that is read. */
export const settingNames: readonly string[] = Object.keys(expectations)

export interface Settings {
  port: number
  host: string
  dataDir: string
  /** null: SQLite in `dataDir`. */
  databaseUrl: string | null
  publicUrl: string | null
  /** Proxies whose `X-Forwarded-For` is believed. */
  trustedHops: number
  registration: 'open' | 'invite' | 'closed'
  /** Whom people find: everybody, or only those with whom they share a chat. */
  contacts: 'everyone' | 'shared'
  /** false: nobody learns by an email whether somebody has an account. */
  findByEmail: boolean
  /** Whether who has not confirmed their email may log in. */
  unconfirmedMayLogIn: boolean
  /** null: mails are written into a folder of `dataDir`. */
  smtpUrl: string | null
  mailFrom: string
  /** Another issuer whose tokens are taken; null: none is. */
  issuer: { issuer: string; audience: string; keys: IssuerKeys } | null
  /** An OpenID provider by which people log in, and what they call it; null: there is none. */
  provider: { issuer: string; clientId: string; clientSecret: string; label: string } | null
  /** Other pages that may ask the API, with a token. */
  corsOrigins: string[]
  /** false: nobody is counted, for load tests. */
  rateLimits: boolean
  /** Where several servers count together; null: each for itself. */
  redisUrl: string | null
  /** People's webhooks may lead into one's own network, and to plain http. */
  webhookPrivateAddresses: boolean
  /** Where reports are told; null: nowhere. */
  reportsWebhook: { url: string; secret: string } | null
  /** Demo accounts are made when the database is empty; never where others can reach the server. */
  demo: boolean
}

export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)

/**
 * An empty variable counts as not set.
 * @throws StartError that names each wrong variable and what it expects, but never the value: it may hold a password.
 */
export function readSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const result = consistent.safeParse(given)
  if (!result.success) {
    const wrong = new Set(result.error.issues.map((issue) => issue.path[0]))
    const names = environment.keyof().options.filter((name) => wrong.has(name))
    throw new StartError(names.map((name) => `${name} is wrong: it expects ${expectations[name]}.`).join('\n'))
  }
  const { PORT, HOST, DATA_DIR, DATABASE_URL, PUBLIC_URL, TRUSTED_HOPS, REGISTRATION, CORS_ORIGINS, RATE_LIMITS, REDIS_URL, SKEIN_DEMO } = result.data
  const { WEBHOOK_PRIVATE_ADDRESSES, REPORTS_WEBHOOK_URL, REPORTS_WEBHOOK_SECRET } = result.data
  if ((REPORTS_WEBHOOK_URL === undefined) !== (REPORTS_WEBHOOK_SECRET === undefined))
    throw new StartError('REPORTS_WEBHOOK_URL and REPORTS_WEBHOOK_SECRET belong together: one of them is missing.')
  const { EMAIL_CONFIRMATION, SMTP_URL, MAIL_FROM, CONTACTS, FIND_BY_EMAIL } = result.data
  return {
    port: PORT,
    host: HOST,
    dataDir: resolve(DATA_DIR),
    databaseUrl: DATABASE_URL ?? null,
    publicUrl: PUBLIC_URL ?? null,
    trustedHops: TRUSTED_HOPS,
    registration: REGISTRATION,
    contacts: CONTACTS,
    findByEmail: FIND_BY_EMAIL === 'on',
    unconfirmedMayLogIn: EMAIL_CONFIRMATION === 'optional',
    smtpUrl: SMTP_URL ?? null,
    issuer: issuerOf(result.data),
    provider: providerOf(result.data),
    mailFrom: MAIL_FROM ?? 'Skein <skein@localhost>',
    corsOrigins: CORS_ORIGINS,
    rateLimits: RATE_LIMITS === 'on',
    redisUrl: REDIS_URL ?? null,
    webhookPrivateAddresses: WEBHOOK_PRIVATE_ADDRESSES === '1',
    reportsWebhook:
      REPORTS_WEBHOOK_URL === undefined || REPORTS_WEBHOOK_SECRET === undefined ? null : { url: REPORTS_WEBHOOK_URL, secret: REPORTS_WEBHOOK_SECRET },
    demo: SKEIN_DEMO === '1' && isLoopback(HOST) && PUBLIC_URL === undefined,
  }
}
