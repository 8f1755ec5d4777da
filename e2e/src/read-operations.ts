// A third process that reads what the server stored: every operation of the chain, as JSON lines. Run with the server's DATABASE_URL, or the path of its SQLite file.
import { DatabaseSync } from 'node:sqlite'
import { createConnection } from 'mysql2/promise'

export interface StoredOperation {
  chat: string
  author: string
  id: string
  rev: number
  seq: number
}

const columns = 'select chat_id as chat, author_id as author, operation_id as id, rev, seq from operations order by chat_id, rev'

async function read(source: string): Promise<StoredOperation[]> {
  if (!source.startsWith('mysql:')) return new DatabaseSync(source, { readOnly: true }).prepare(columns).all() as unknown as StoredOperation[]
  const connection = await createConnection(source)
  try {
    const [rows] = await connection.query(columns)
    return rows as StoredOperation[]
  } finally {
    await connection.end()
  }
}

for (const row of await read(process.argv[2] ?? '')) process.stdout.write(`${JSON.stringify(row)}\n`)
