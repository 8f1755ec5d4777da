// Pictures of people and groups that the server keeps. What is behind an id never changes.
import { base64url, type UserId } from '@skein/protocol'
import type { Context } from './context.ts'
import { insertRows } from './statements.ts'

export interface Picture {
  type: 'image/png' | 'image/jpeg' | 'image/webp'
  bytes: Uint8Array<ArrayBuffer>
}

export interface PictureStorage {
  /** The id by which it is found from then on, until it is dropped or its sender is erased. */
  keepPicture(by: UserId, picture: Picture): Promise<string>
  picture(id: string): Promise<Picture | null>
  dropPicture(id: string): Promise<void>
}

export function pictures({ database, ports }: Context): PictureStorage {
  const { build, engine } = database
  return {
    async keepPicture(by, { type, bytes }) {
      const id = base64url(ports.randomBytes(16))
      await database.transaction((session) =>
        session.write(insertRows(engine, 'pictures', [{ id, user_id: by, type, bytes, created_at: ports.now() }])),
      )
      return id
    },

    async picture(id) {
      const query = build.selectFrom('pictures').select(['type', 'bytes']).where('id', '=', id)
      const row = await database.read((session) => session.row(query))
      return row ? { type: row.type, bytes: new Uint8Array(row.bytes) } : null
    },

    async dropPicture(id) {
      await database.read((session) => session.change(build.deleteFrom('pictures').where('id', '=', id)))
    },
  }
}
