// All that a database holds, as text, to look for words that must not be in it: the bytes of SQLite's files, the rows of every MySQL table.
import { existsSync, readFileSync } from 'node:fs'
import { createConnection, type RowDataPacket } from 'mysql2/promise'

export async function databaseContents(url: string): Promise<string> {
  if (url.startsWith('sqlite:')) {
    const path = url.slice('sqlite:'.length)
    const files = [path, `${path}-wal`].filter((file) => existsSync(file))
    return files.map((file) => readFileSync(file, 'latin1')).join('\n')
  }
  const connection = await createConnection(url)
  const [tables] = await connection.query<RowDataPacket[]>('show tables')
  const all: string[] = []
  for (const table of tables) {
    const name = String(Object.values(table)[0])
    const [fields] = await connection.query<RowDataPacket[]>(`show columns from ${name}`)
    const [rows] = await connection.query<RowDataPacket[]>(`select ${fields.map(({ Field }) => `\`${String(Field)}\``).join(', ')} from ${name}`)
    all.push(JSON.stringify(rows, (_, value: unknown) => (isBytes(value) ? Buffer.from(value.data).toString('latin1') : value)))
  }
  await connection.end()
  return all.join('\n')
}

/** What JSON makes of a Buffer. */
const isBytes = (value: unknown): value is { data: number[] } =>
  typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer' && 'data' in value && Array.isArray(value.data)
