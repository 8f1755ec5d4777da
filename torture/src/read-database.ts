// A third process that reads what the server stored, as one JSON value. Run with the server's DATABASE_URL, or the path of its SQLite file.
import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'
import type { Stored } from './history.ts'

type Row = Record<string, string | number | Uint8Array | null>
type Query = (sql: string) => Promise<Row[]>

async function open(source: string): Promise<{ query: Query; end: () => Promise<void> }> {
  if (!source.startsWith('mysql:')) {
    const database = new DatabaseSync(source, { readOnly: true })
    database.exec('begin')
    return { query: async (sql) => database.prepare(sql).all() as Row[], end: async () => database.close() }
  }
  const connection = await createConnection(source)
  // One moment for all tables.
  await connection.query('start transaction with consistent snapshot')
  return { query: async (sql) => (await connection.query(sql))[0] as Row[], end: () => connection.end() }
}

async function read(query: Query): Promise<Stored> {
  const links = await query(
    'select chat_id as chat, rev, seq, kind, code, at, author_id as author, operation_id as id, operation from operations order by chat_id, rev',
  )
  const messages = await query(
    'select chat_id as chat, operation_id as id, author_id as author, seq, rev, text, deleted_at as deleted from messages order by chat_id, seq',
  )
  const reactions = await query('select chat_id as chat, seq, user_id as person, emoji from reactions order by chat_id, seq')
  const marks = await query('select chat_id as chat, user_id as person, delivered_seq, seen_seq from chat_members')
  return {
    chats: (await query('select id, rev, seq from chats order by id')) as unknown as Stored['chats'],
    links: links as unknown as Stored['links'],
    messages: messages.map((row) => ({ ...row, deleted: row['deleted'] !== null })) as unknown as Stored['messages'],
    reactions: reactions.map(({ chat, seq, person, emoji }) => ({
      chat: String(chat),
      seq: Number(seq),
      what: `${Buffer.from(emoji as Uint8Array).toString()} ${String(person)}`,
    })),
    marks: marks.map((row) => ({
      chat: String(row['chat']),
      user: String(row['person']),
      marks: [Number(row['delivered_seq']), Number(row['seen_seq'])],
    })),
  }
}

const { query, end } = await open(process.argv[2] ?? '')
process.stdout.write(JSON.stringify(await read(query)))
await end()
