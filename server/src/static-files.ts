// The built client. Hashed files never change and are kept for ever; everything else is asked for again each time. Where the build packed a file, whoever
// takes that gets it packed. Security headers are the API's.
import { readFile, stat } from 'node:fs/promises'
import { extname, join, normalize } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.jpg': 'image/jpeg',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

/** Codings that scripts/build-client.mjs packs files in, the smallest first, and how their files' names end. */
const packings = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const

/** Whether `Accept-Encoding` names this coding, and not with a weight of zero. */
const accepts = (header: string, coding: string): boolean =>
  header.split(',').some((part) => {
    const [name = '', weight = ''] = part.split(';')
    return name.trim().toLowerCase() === coding && !/^\s*q=0(?:\.0*)?\s*$/i.test(weight)
  })

/** The path in the folder that a URL's path means; null for one that must not be served. */
function filePath(pathname: string): string | null {
  let decoded: string
  try {
    decoded = normalize(decodeURIComponent(pathname))
  } catch {
    return null
  }
  // `normalize` of an absolute path cannot climb above its root; hidden files are not the browser's.
  if (decoded.includes('\0') || decoded.includes('\\') || decoded.split('/').some((part) => part.startsWith('.'))) return null
  return decoded
}

interface StoredFile {
  path: string
  size: number
  etag: string
}

async function fileAt(path: string): Promise<StoredFile | null> {
  const found = await stat(path).catch(() => null)
  return found?.isFile() ? { path, size: found.size, etag: `"${found.size.toString(36)}-${Math.round(found.mtimeMs).toString(36)}"` } : null
}

/** Answers GET and HEAD from `folder`; paths without an extension get index.html, since the page does its own routing. */
export function createStaticFiles(folder: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url)
    if (request.method !== 'GET' && request.method !== 'HEAD') return new Response('Not found', { status: 404 })
    const asked = filePath(pathname)
    const path = asked !== null && extname(asked) === '' ? '/index.html' : asked
    const plain = path === null ? null : await fileAt(join(folder, path))
    if (path === null || plain === null) {
      const text =
        path === '/index.html' ? 'The client is not built. `npm start` builds it; under `npm run dev` open the link that it prints.' : 'Not found'
      return new Response(text, { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' } })
    }
    const packed = await Promise.all(packings.map(async ([coding, suffix]) => ({ coding, file: await fileAt(plain.path + suffix) })))
    const taken = packed.find(({ coding, file }) => file && accepts(request.headers.get('accept-encoding') ?? '', coding))
    const file = taken?.file ?? plain
    const headers = new Headers({
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: file.etag,
    })
    if (taken) headers.set('content-encoding', taken.coding)
    if (packed.some((one) => one.file)) headers.set('vary', 'Accept-Encoding')
    if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers })
    headers.set('content-length', String(file.size))
    return new Response(request.method === 'HEAD' ? null : await readFile(file.path), { headers })
  }
}
