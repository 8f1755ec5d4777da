// What the two databases call the same column. Ids and hashes are ASCII, compared byte by byte; texts are compared by code point (D8).
import { sql, type RawBuilder } from 'kysely'
import type { Engine } from '../schema.ts'

export interface ColumnTypes {
  /** Ids, hashes and words of our own. */
  ascii(length: number): RawBuilder<unknown>
  /** A short text, in characters. */
  text(length: number): RawBuilder<unknown>
  longText: RawBuilder<unknown>
  /** Short bytes that may be part of a key. */
  bytes(length: number): RawBuilder<unknown>
  blob: RawBuilder<unknown>
  integer: RawBuilder<unknown>
  unsigned: RawBuilder<unknown>
  /** The end of `create table`: clustered by its primary key, as InnoDB's tables are. */
  clustered: RawBuilder<unknown>
  plain: RawBuilder<unknown>
  /** The string at a path of a text column that holds JSON. */
  jsonText(column: string, path: string): RawBuilder<string>
}

export function columnTypes(engine: Engine): ColumnTypes {
  if (engine === 'sqlite') {
    const text = sql`text`
    const integer = sql`integer`
    const blob = sql`blob`
    return {
      ascii: () => text,
      text: () => text,
      longText: text,
      bytes: () => blob,
      blob,
      integer,
      unsigned: integer,
      clustered: sql`without rowid`,
      plain: sql``,
      jsonText: (column, path) => sql`json_extract(${sql.ref(column)}, ${sql.lit(path)})`,
    }
  }
  const table = sql`engine = InnoDB default character set utf8mb4 collate utf8mb4_bin row_format = dynamic`
  return {
    ascii: (length) => sql`varchar(${sql.lit(length)}) character set ascii collate ascii_bin`,
    text: (length) => sql`varchar(${sql.lit(length)})`,
    longText: sql`mediumtext`,
    bytes: (length) => sql`varbinary(${sql.lit(length)})`,
    blob: sql`longblob`,
    integer: sql`bigint`,
    unsigned: sql`bigint unsigned`,
    clustered: table,
    plain: table,
    jsonText: (column, path) => sql`json_unquote(json_extract(${sql.ref(column)}, ${sql.lit(path)}))`,
  }
}
