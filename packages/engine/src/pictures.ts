// Pictures as they are shown: none but those that the server keeps, since asking anybody else for one would tell them who looks.
import { pictureIdOf } from '@skein/protocol'

/** An address that a page can load. */
export const pictureAt = (server: string, url: string | null | undefined): string | null =>
  url && pictureIdOf(url) !== null ? `${server}${url}` : null
