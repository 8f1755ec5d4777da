// Pictures of people and groups that the server keeps: taken along with what they belong to, and served to whoever has their address.
import { OpenAPIHono } from '@hono/zod-openapi'
import { accountFields, routes } from '@skein/http'
import { MAX_PICTURE_BYTES, MAX_PICTURE_SIDE, pictureIdOf, picturePath, type UserId } from '@skein/protocol'
import type { Picture } from '@skein/storage'
import { imageSize } from 'image-size'
import type { PersonEnv } from './authenticate.ts'
import type { ApiDependencies } from './ports.ts'
import { HttpError } from './problem.ts'

const TYPES: Record<string, Picture['type']> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' }

/** By its bytes, whatever the address says of them. */
function pictureOf(bytes: Uint8Array<ArrayBuffer>): Picture | null {
  if (bytes.length > MAX_PICTURE_BYTES) return null
  try {
    const { type = '', width, height } = imageSize(bytes)
    const known = TYPES[type]
    return known && Math.min(width, height) > 0 && Math.max(width, height) <= MAX_PICTURE_SIDE ? { type: known, bytes } : null
  } catch {
    return null
  }
}

export interface Pictures {
  /** The address of a picture that was sent along, which is kept from now on; any other address stays what it is. @throws HttpError 'bad-request' */
  keep(by: UserId, field: string, wanted: string): Promise<string>
  /** Nothing shows it any more. */
  drop(url: string | null | undefined): Promise<void>
}

export const createPictures = ({ storage }: ApiDependencies): Pictures => ({
  async keep(by, field, wanted) {
    if (!wanted.startsWith('data:')) return wanted
    const picture = pictureOf(new Uint8Array(Buffer.from(wanted.slice(wanted.indexOf(',') + 1), 'base64')))
    if (!picture) throw new HttpError('bad-request', `${field}: ${accountFields.pictureWanted}`)
    return picturePath(await storage.keepPicture(by, picture))
  },
  async drop(url) {
    const id = url ? pictureIdOf(url) : null
    if (id !== null) await storage.dropPicture(id)
  },
})

export function createPictureRoute({ storage }: ApiDependencies): OpenAPIHono<PersonEnv> {
  const app = new OpenAPIHono<PersonEnv>()
  app.openapi(routes.picture, async (c) => {
    const id = pictureIdOf(picturePath(c.req.valid('param').id))
    const picture = id === null ? null : await storage.picture(id)
    if (!picture) throw new HttpError('not-found')
    return c.body(picture.bytes, 200, { 'Content-Type': picture.type, 'Cache-Control': 'private, max-age=31536000, immutable' })
  })
  return app
}
