// What `npm run user` does with accounts. Each command answers with what to print, or throws a StartError that says why not.
import { accountFields } from '@skein/http'
import { apiKeyHash, isCommonPassword, newApiKey, newLinkToken, type Passwords } from '@skein/auth'
import { base32Of, isUserId } from '@skein/protocol'
import type { Account, Storage, User } from '@skein/storage'
import type { z } from 'zod'
import type { Ports } from './ports.ts'
import { StartError } from './start-error.ts'
import type { Terminal } from './terminal.ts'

export interface Surroundings {
  storage: Storage
  passwords: Passwords
  terminal: Terminal
  ports: Pick<Ports, 'now' | 'randomBytes'>
  /** What links begin with. */
  address: string
}

export interface Options {
  json: boolean
  yes: boolean
  /** Such as 7d, 12h or 30m. */
  expires: string | null
  email: string | null
}

type Command = (surroundings: Surroundings, args: string[], options: Options) => Promise<string>

const PAGE = 100
/** An access token that was given out before lives this long; a server process that runs beside learns of a change no later. */
const LATEST = 'A server that runs beside this learns of it with the next refresh, within five minutes.'

function checked<S extends z.ZodType<string>>(schema: S, what: string, value: string): string {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new StartError(`The ${what} is not good: ${result.error.issues[0]?.message ?? 'it was refused'}.`)
}

async function find(storage: Storage, person: string): Promise<Account> {
  const found = isUserId(person) ? await storage.account(person) : await storage.accountByEmail(person)
  if (!found) throw new StartError(`There is no account ${person}. npm run user -- list shows all.`)
  return found
}

const named = ({ name, email }: User): string => (email === null ? name : `${name} <${email}>`)

async function newHash({ passwords, terminal }: Surroundings): Promise<string> {
  const password = checked(accountFields.newPassword, 'password', await terminal.newPassword())
  if (await isCommonPassword(password)) throw new StartError('This password is one of those that are tried first. Choose another one.')
  return passwords.hash(password)
}

const taken = (email: string): StartError => new StartError(`There is an account with the email ${email} already.`)

async function add(surroundings: Surroundings, [email = '', name = '']: string[]): Promise<string> {
  const fields = { email: checked(accountFields.newEmail, 'email', email), name: checked(accountFields.name, 'name', name) }
  // Before anybody types a password for nothing.
  if (await surroundings.storage.accountByEmail(fields.email)) throw taken(fields.email)
  const user = await surroundings.storage.createUser({ ...fields, passwordHash: await newHash(surroundings), emailConfirmed: true })
  if (user === 'email-taken') throw taken(fields.email)
  return `Added ${named(user)}, ${user.id}.`
}

async function list({ storage }: Surroundings, [text]: string[], { json }: Options): Promise<string> {
  const users: User[] = []
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const page = await storage.users({ q: text ?? null, limit: PAGE, cursor, except: null })
    users.push(...page.items)
    cursor = page.nextCursor
  }
  const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
  if (json) {
    const views = users.map(({ id, email, name, avatarUrl, createdAt, lastSeenAt, disabledAt }) => ({
      ...{ id, email, name, avatarUrl },
      ...{ createdAt: time(createdAt), lastSeenAt: time(lastSeenAt), disabledAt: time(disabledAt) },
    }))
    return JSON.stringify(views, null, 2)
  }
  const day = (at: number | null): string => time(at)?.slice(0, 10) ?? '–'
  return table([
    ['NAME', 'EMAIL', 'ID', 'CREATED', 'LAST SEEN', 'DISABLED'],
    ...users.map((user) => [user.name, user.email ?? '–', user.id, day(user.createdAt), day(user.lastSeenAt), day(user.disabledAt)]),
  ])
}

function table(rows: string[][]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

async function rename({ storage }: Surroundings, [person = '', name = '']: string[]): Promise<string> {
  const { id } = await find(storage, person)
  const user = await storage.updateUser(id, { name: checked(accountFields.name, 'name', name) })
  if (!user || user === 'email-taken') throw new StartError(`There is no account ${person} any more.`)
  return `Renamed to ${named(user)}.`
}

async function reset(surroundings: Surroundings, [person = '']: string[]): Promise<string> {
  const user = await find(surroundings.storage, person)
  if (user.passwordHash === null) throw new StartError(`${named(user)} is vouched for by another issuer, and has no password here.`)
  const change = { from: user.passwordHash, to: await newHash(surroundings), keepSession: null }
  const ended = await surroundings.storage.changePassword(user.id, change)
  if (!ended) throw new StartError('Somebody else changed this password in the same moment. Look, then try again.')
  return `${named(user)} has a new password, and ${ended.length} sessions of theirs have ended. ${LATEST}`
}

async function disable({ storage }: Surroundings, [person = '']: string[]): Promise<string> {
  const user = await find(storage, person)
  await storage.disableUser(user.id)
  return `${named(user)} cannot log in any more, and all their sessions have ended. ${LATEST}`
}

async function enable({ storage }: Surroundings, [person = '']: string[]): Promise<string> {
  const user = await find(storage, person)
  await storage.enableUser(user.id)
  return `${named(user)} may log in.`
}

const units: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 }
const MAX_INVITATION_DAYS = 90
const MAX_KEY_DAYS = 3_650

function lifetimeOf(expires: string, maxDays: number): number {
  const [, count, unit = ''] = /^([1-9]\d{0,5})([mhd])$/.exec(expires) ?? []
  const lifetimeMs = Number(count) * (units[unit] ?? 0)
  if (lifetimeMs > 0 && lifetimeMs <= maxDays * 86_400_000) return lifetimeMs
  throw new StartError(`--expires expects a time such as 7d, 12h or 30m, at most ${maxDays}d.`)
}

async function invite({ storage, ports, address }: Surroundings, _: string[], { expires, email }: Options): Promise<string> {
  const lifetimeMs = lifetimeOf(expires ?? '7d', MAX_INVITATION_DAYS)
  const guest = email === null ? null : checked(accountFields.newEmail, 'email', email)
  if (guest !== null && (await storage.accountByEmail(guest))) throw taken(guest)
  const { token, tokenHash } = newLinkToken(ports.randomBytes)
  const expiresAt = ports.now() + lifetimeMs
  await storage.createLink({ tokenHash, purpose: 'invite', userId: null, email: guest, expiresAt })
  return `${address}/join#invite=${token}\nGood once${guest === null ? '' : `, for ${guest}`}, until ${new Date(expiresAt).toISOString()}.`
}

async function key({ storage, ports }: Surroundings, [name = '']: string[], { expires }: Options): Promise<string> {
  const expiresAt = expires === null ? null : ports.now() + lifetimeOf(expires, MAX_KEY_DAYS)
  const secret = newApiKey(ports.randomBytes)
  const fields = {
    id: base32Of(ports.randomBytes(10)),
    name: checked(accountFields.name, 'name', name),
    tokenHash: apiKeyHash(secret) ?? '',
    expiresAt,
  }
  const { id } = await storage.createServerKey(fields)
  const until = expiresAt === null ? 'until it is deleted' : `until ${new Date(expiresAt).toISOString()}`
  return `${secret}\nShown this once. Good ${until}; npm run user -- delete-key ${id} ends it at once.`
}

async function keys({ storage }: Surroundings): Promise<string> {
  const day = (at: number | null): string => (at === null ? '–' : new Date(at).toISOString().slice(0, 10))
  const rows = (await storage.serverKeys()).map((one) => [one.id, one.name, day(one.createdAt), day(one.expiresAt), day(one.lastUsedAt)])
  return table([['ID', 'NAME', 'CREATED', 'ENDS', 'LAST USED'], ...rows])
}

async function deleteKey({ storage }: Surroundings, [id = '']: string[]): Promise<string> {
  if (!(await storage.deleteServerKey(id))) throw new StartError(`There is no server key ${id}. npm run user -- keys shows all.`)
  return `The key ${id} is good for nothing any more.`
}

/** The words are the server's to erase: it has the documents, and the deletion journal has one writer. */
async function remove({ storage, terminal }: Surroundings, [person = '']: string[], { yes }: Options): Promise<string> {
  const user = await find(storage, person)
  if (!yes) {
    if (!terminal.isInteractive) throw new StartError('Deleting cannot be undone: say --yes. Nothing was changed.')
    const answer = await terminal.ask(
      `This erases ${named(user)} and all words of theirs, and cannot be undone. Type the ${user.email === null ? 'id' : 'email'} to go on: `,
    )
    if (answer.trim().toLowerCase() !== (user.email ?? user.id)) throw new StartError('That is not what was asked for. Nothing was changed.')
  }
  await storage.eraseUser(user.id)
  return `${named(user)} is deleted. Their words are erased by the server that runs, within about a minute, or by the next one that starts. ${LATEST}`
}

/** Commands by name, with the least and the greatest number of arguments. */
/** `isFirst`: it may come before the first start of a server. */
export const commands: Record<string, { run: Command; least: number; most: number; isFirst?: true }> = {
  add: { run: add, least: 2, most: 2, isFirst: true },
  list: { run: list, least: 0, most: 1 },
  rename: { run: rename, least: 2, most: 2 },
  reset: { run: reset, least: 1, most: 1 },
  disable: { run: disable, least: 1, most: 1 },
  enable: { run: enable, least: 1, most: 1 },
  invite: { run: invite, least: 0, most: 0 },
  delete: { run: remove, least: 1, most: 1 },
  key: { run: key, least: 1, most: 1, isFirst: true },
  keys: { run: keys, least: 0, most: 0 },
  'delete-key': { run: deleteKey, least: 1, most: 1 },
}
