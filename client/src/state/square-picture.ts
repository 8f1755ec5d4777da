// Makes a picture of a person or group out of a file: the square in its middle, small, and without what cameras write into files.
import { MAX_PICTURE_BYTES } from '@skein/protocol'

/** In pixels: sharp on dense screens at the greatest size that is shown. */
const SIDE = 256
const QUALITIES = [0.88, 0.7, 0.4]

/** As a data URI; null: the browser cannot show such a file. */
export async function squarePicture(file: Blob): Promise<string | null> {
  const picture = await createImageBitmap(file).catch(() => null)
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d')
  if (!picture || !context) return null
  canvas.width = canvas.height = SIDE
  const side = Math.min(picture.width, picture.height)
  context.imageSmoothingQuality = 'high'
  // Nothing shows through a JPEG.
  context.fillStyle = '#fff'
  context.fillRect(0, 0, SIDE, SIDE)
  context.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, SIDE, SIDE)
  picture.close()
  for (const quality of QUALITIES) {
    const made = canvas.toDataURL('image/jpeg', quality)
    if (made.length * 0.75 < MAX_PICTURE_BYTES) return made
  }
  return null
}
