// Statements as text with parameters. Those on the hot path are written here by hand, since building them as a tree costs more than running them;
// everything else comes from Kysely's builder.
import type { Engine, Schema } from './schema.ts'

declare const row: unique symbol
/** A statement whose result has rows of the type `Row`. What Kysely compiles is one, too. */
export interface Statement<Row = unknown> {
  readonly sql: string
  readonly parameters: readonly unknown[]
  /** How often it runs, each time with the next share of the parameters; once when absent. Only on SQLite. */
  readonly times?: number
  /** So many rows must come, or it counts as failed. */
  readonly expect?: number
  readonly [row]?: Row
}

export const statement = <Row = unknown>(sql: string, parameters: readonly unknown[] = []): Statement<Row> => ({ sql, parameters })

/** Rows of one statement: keeps its text short of every limit on the number of parameters, and a packet short of its size. */
const MAX_ROWS = 500
const MAX_BYTES = 1024 * 1024

type Column<T extends keyof Schema> = keyof Schema[T] & string
type Key = readonly (string | number)[]

const tuple = (length: number): string => `(${'?, '.repeat(length - 1)}?)`
/** One or two hundred different texts in all, not one for each number of keys: prepared statements stay few. */
const padded = (length: number): number => 2 ** Math.ceil(Math.log2(length))

/** The columns `wanted` of the rows whose columns `by` together are one of the keys; no keys, no statements. */
export function selectByKeys<T extends keyof Schema, C extends Column<T>>(
  engine: Engine,
  table: T,
  wanted: readonly C[],
  by: readonly Column<T>[],
  keys: readonly Key[],
  tail = '',
): Statement<Pick<Schema[T], C>>[] {
  const statements: Statement<Pick<Schema[T], C>>[] = []
  for (let i = 0; i < keys.length; i += MAX_ROWS) {
    const chunk = keys.slice(i, i + MAX_ROWS)
    const last = chunk.at(-1) ?? []
    while (chunk.length < padded(chunk.length)) chunk.push(last)
    statements.push(statement(`select ${wanted.join(', ')} from ${table} where ${byKeys(engine, by, chunk.length)}${tail}`, chunk.flat()))
  }
  return statements
}

function byKeys(engine: Engine, columns: readonly string[], count: number): string {
  const one = tuple(columns.length)
  const keys = `${`${one}, `.repeat(count - 1)}${one}`
  // Both look each key up in the index; only how a list of tuples is written differs.
  return `(${columns.join(', ')}) in (${engine === 'sqlite' ? `values ${keys}` : keys})`
}

/** Inserts rows that have the same columns. With `replacing`, a row whose primary key is there gets these columns' new values instead. */
export function insertRows<T extends keyof Schema>(
  engine: Engine,
  table: T,
  rows: readonly Schema[T][],
  replacing?: { key: Column<T>[]; columns: Column<T>[] },
): Statement[] {
  const [first] = rows
  if (!first) return []
  const columns = Object.keys(first)
  const values = rows.map((one): unknown[] => Object.values(one))
  const quote = engine === 'sqlite' ? '"' : '`'
  const quoted = (name: string): string => `${quote}${name}${quote}`
  const head = `insert into ${quoted(table)} (${columns.map(quoted).join(', ')}) values `
  let tail = ''
  if (replacing && engine === 'sqlite') {
    tail = ` on conflict (${replacing.key.join(', ')}) do update set ${replacing.columns.map((name) => `${quoted(name)} = excluded.${quoted(name)}`).join(', ')}`
  } else if (replacing) {
    tail = ` on duplicate key update ${replacing.columns.map((name) => `${quoted(name)} = values(${quoted(name)})`).join(', ')}`
  }
  const one = tuple(columns.length)
  // SQLite: one prepared statement for any number of rows. MySQL: each statement is a round trip.
  if (engine === 'sqlite') return [{ sql: head + one + tail, parameters: values.flat(), times: rows.length }]
  return chunks(values).map((chunk) => statement(`${head}${`${one}, `.repeat(chunk.length - 1)}${one}${tail}`, chunk.flat()))
}

function chunks(rows: unknown[][]): unknown[][][] {
  const result: unknown[][][] = []
  let bytes = 0
  for (const values of rows) {
    const size = values.reduce<number>((sum, value) => sum + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 8), 0)
    const chunk = result.at(-1)
    if (chunk && chunk.length < MAX_ROWS && bytes + size <= MAX_BYTES) {
      chunk.push(values)
      bytes += size
    } else {
      result.push([values])
      bytes = size
    }
  }
  return result
}
