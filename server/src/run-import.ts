// `npm run import`, from its arguments to its exit code: a chat out of an export of any Skein server becomes a new one here.
import { isUserId, type UserId } from '@skein/protocol'
import { readDeletionJournal, StorageError, type Storage, type User } from '@skein/storage'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { BadLine, readImport, type ImportFile } from './import-file.ts'
import { printable } from './run-operator.ts'
import { runCommand, type CommandOutput } from './run-command.ts'
import type { Settings } from './settings.ts'
import { StartError } from './start-error.ts'

const usage = `Usage: npm run import -- <file> [--as <id>=<person>]… [--check]

  <file>               an export of a chat as JSON Lines (GET /api/chats/:id/export), of this or another server
  --as <id>=<person>   who that is here: an email or an id; once for each
  --check              only says what would be imported, and who of its people is here

People are known by their id. Whoever is not here gets an account without log-in, under that id and name.
All of it is imported or nothing, and each chat once. A file is believed: import only what you know to be an export.
DATABASE_URL and DATA_DIR say which database, as for the server. On SQLite stop the server first.
Ends with 0 when it is done, 1 when it was refused, 2 when the command was not understood.`

/** How often it is told how far it is, in messages. */
const TOLD = 10_000

interface Wish {
  file: string
  as: [id: UserId, person: string][]
  check: boolean
}

/** null: only help is wanted. @throws StartError */
function readWish(args: string[]): Wish | null {
  let parsed
  try {
    const flag = { type: 'boolean', default: false } as const
    parsed = parseArgs({ args, allowPositionals: true, options: { as: { type: 'string', multiple: true, default: [] }, check: flag, help: flag } })
  } catch (error) {
    throw new StartError(error instanceof Error ? error.message : String(error))
  }
  const { as, check, help } = parsed.values
  if (help) return null
  const [file, ...more] = parsed.positionals
  if (file === undefined || more.length > 0) throw new StartError('Name one file.')
  return {
    file,
    check,
    as: as.map((text) => {
      const [id, person] = [text.slice(0, Math.max(0, text.indexOf('='))), text.slice(text.indexOf('=') + 1)]
      if (!isUserId(id)) throw new StartError(`--as expects <id>=<email or id>, not ${printable(text)}.`)
      return [id, person]
    }),
  }
}

async function mapped(storage: Storage, as: Wish['as']): Promise<Map<UserId, UserId>> {
  const mapping = new Map<UserId, UserId>()
  for (const [id, person] of as) {
    const found = isUserId(person) ? await storage.account(person) : await storage.accountByEmail(person)
    if (!found) throw new StartError(`There is no account ${printable(person)}. npm run user -- list shows all.`)
    mapping.set(id, found.id)
  }
  return mapping
}

const named = ({ name, email }: User): string => printable(email === null ? name : `${name} <${email}>`)

async function checked(storage: Storage, file: ImportFile): Promise<string> {
  const lines: string[] = []
  for (const { id, name } of file.people.values()) {
    const user = await storage.user(id)
    lines.push(`  ${id}  ${user ? `is ${named(user)}` : `${printable(name)}, who is not here`}`)
  }
  const title = file.title === null ? '' : ` "${printable(file.title)}"`
  return [`A ${file.kind} chat${title} with ${file.messages} messages of ${file.people.size} people:`, ...lines, 'Nothing was imported.'].join('\n')
}

async function run(storage: Storage, { dataDir }: Settings, { file: path, as, check }: Wish, say: (text: string) => void): Promise<string> {
  const mapping = await mapped(storage, as)
  const read = async function* (told: (messages: number) => void) {
    let messages = 0
    const reading = readImport(path, mapping)
    for (let next = await reading.next(); ; next = await reading.next()) {
      if (next.done) return next.value
      if (++messages % TOLD === 0) told(messages)
      yield next.value
    }
  }
  const first = read((messages) => say(`Read ${messages} messages…`))
  let next = await first.next()
  while (!next.done) next = await first.next()
  const file = next.value
  if (check) return checked(storage, file)

  const again = async function* () {
    const { digest } = yield* read((messages) => say(`Imported ${messages} of ${file.messages} messages…`))
    if (digest !== file.digest) throw new StartError('The file was changed while it was read. Nothing was imported.')
  }
  const journal = await readDeletionJournal(join(dataDir, 'deletions.journal'))
  const outcome = await storage.importChat({ ...file, people: [...file.people.values()] }, again, (key) => journal.has(key))
  if (outcome === 'another-export') throw new StartError('Another export of this chat was imported before. Each chat is imported once.')
  if (outcome === 'blocked') throw new StartError('One of the two people has blocked the other here. Nothing was imported.')
  if (outcome === 'nobody') throw new StartError('None of its members has an account any more. Nothing was imported.')
  if (!outcome.isNew) return `This export was imported before, as chat ${outcome.chat}. Nothing was added.`
  return `Imported ${file.messages} messages of ${file.people.size} people as chat ${outcome.chat}.`
}

/** What stopped it. */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof StorageError && error.code === 'journal-damaged') return `${error.message}. Nothing was imported.`
  if (error instanceof BadLine) return `${error.message} Nothing was imported.`
  if (error instanceof Error && 'syscall' in error && 'code' in error) return `The file cannot be read (${String(error.code)}).`
  return undefined
}

export const runImport = (args: string[], env: Record<string, string | undefined>, output: CommandOutput): Promise<0 | 1 | 2> =>
  runCommand(
    // A new server may begin with what an old one held.
    {
      usage,
      readWish: () => readWish(args),
      creates: () => true,
      work: (wish, storage, settings) => run(storage, settings, wish, output.say),
      sentenceOf,
    },
    env,
    output,
  )
