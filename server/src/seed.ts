// `npm run seed -- --chats N --messages N`: fills the database of the settings with so many chats of one person and so many messages, spread over them,
// and over the last `--days`.
import { parseArgs } from 'node:util'
import { createPasswords } from '@skein/auth'
import type { ChatId, EpochName, UserId } from '@skein/protocol'
import type { Storage } from '@skein/storage'
import { openDirectChat, said, store } from './conversation.ts'
import { openDatabase } from './database.ts'
import { ports } from './ports.ts'
import { readSettings } from './settings.ts'
import { StartError } from './start-error.ts'

const password = 'seed-tries-skein'
const emailOf = (index: number): string => `person-${index}@seed.example`
const DAY_MS = 86_400_000
/** Items in one commit. */
const BATCH = 500
/** Operations after which a chat goes on in its next epoch, as it does when people write. */
const EPOCH_OPERATIONS = 1_000

function countOf(text: string, name: string, least: number): number {
  if (!/^\d{1,8}$/.test(text) || Number(text) < least) throw new StartError(`--${name} expects a whole number, at least ${least}.`)
  return Number(text)
}

interface Counts {
  chats: number
  messages: number
  days: number
}

function readCounts(): Counts {
  try {
    const option = (value: string) => ({ type: 'string', default: value }) as const
    const { values } = parseArgs({ options: { chats: option('10'), messages: option('1000'), days: option('0') } })
    return { chats: countOf(values.chats, 'chats', 1), messages: countOf(values.messages, 'messages', 0), days: countOf(values.days, 'days', 0) }
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError('Usage: npm run seed -- --chats N --messages N --days N')
  }
}

/** How far back what is being written lies. A chat's times never go back, so it begins as long ago as its first message. */
let agoMs = 0
const pastPorts = { ...ports, now: () => ports.now() - agoMs }

/** Makes person `index`, or finds them from an earlier run. */
async function person(storage: Storage, index: number, passwordHash: string): Promise<UserId> {
  const made = await storage.createUser({ email: emailOf(index), name: index === 0 ? 'Seed' : `Person ${index}`, passwordHash })
  const user = made === 'email-taken' ? await storage.accountByEmail(emailOf(index)) : made
  if (!user) throw new Error(`${emailOf(index)} is taken and not there`)
  return user.id
}

type SeededChat = { id: ChatId; people: [UserId, UserId]; epoch: EpochName; sinceEpoch: number }

async function openChat(storage: Storage, owner: UserId, other: UserId): Promise<SeededChat> {
  const id = await openDirectChat(storage, ports, owner, other)
  const row = await storage.chat(id)
  if (!row) throw new Error('The chat was made and is not there')
  return { id, people: [owner, other], epoch: row.epoch, sinceEpoch: row.rev - row.baseRev }
}

async function seed(storage: Storage, counts: Counts): Promise<void> {
  const passwordHash = await createPasswords(ports.randomBytes).hash(password)
  const owner = await person(storage, 0, passwordHash)
  const chats: SeededChat[] = []
  agoMs = counts.days * DAY_MS
  for (let index = 1; index <= counts.chats; index++) {
    chats.push(await openChat(storage, owner, await person(storage, index, passwordHash)))
    if (index % 500 === 0) console.log(`${index} of ${counts.chats} chats`)
  }
  for (let done = 0; done < counts.messages; done += BATCH) {
    agoMs = Math.floor(counts.days * DAY_MS * (1 - done / counts.messages))
    const items = []
    for (let index = done; index < Math.min(done + BATCH, counts.messages); index++) {
      const chat = chats[index % chats.length] as SeededChat
      const round = Math.floor(index / chats.length)
      chat.sinceEpoch++
      items.push(
        said(pastPorts, chat.id, chat.people[round % 2] as UserId, pastPorts.now(), { type: 'message', text: `Message ${round + 1} of the seed.` }),
      )
    }
    await store(storage, items)
    for (const chat of chats.filter(({ sinceEpoch }) => sinceEpoch >= EPOCH_OPERATIONS)) {
      chat.epoch = (await storage.nextEpoch(chat.id, chat.epoch)).epoch
      chat.sinceEpoch = 0
    }
    if ((done / BATCH) % 10 === 9) console.log(`${done + BATCH} of ${counts.messages} messages`)
  }
}

function onFatal(error: Error): never {
  throw error
}

try {
  const counts = readCounts()
  await using database = await openDatabase(readSettings(process.env), { ports: pastPorts, say: console.log, onFatal })
  await seed(database.storage, counts)
  console.log(`Done: ${counts.chats} chats and ${counts.messages} messages. Log in as ${emailOf(0)}, password ${password}.`)
} catch (error) {
  if (!(error instanceof StartError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
