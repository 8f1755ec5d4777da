// `npm run screens`: a picture of each screen and state of the dev page into .tmp/screens, on a phone and on a desktop, light and dark, in each language, and sheets of all pictures of
// a kind. `--only phone-ar` takes those whose kind has this in its name. Ends with 1 where a state was not reached or something threw.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from './sources.mjs'

// What the client's own tests share.
const { openDevPages } = await import(join(root, 'client/src/elements/dev-page.suite.ts'))
const { sayIn, scenes, walk } = await import(join(root, 'client/src/elements/scenes.suite.ts'))

const { only } = parseArgs({ options: { only: { type: 'string', default: '' } } }).values
const folder = join(root, '.tmp', 'screens')
const devices = {
  phone: { languages: ['en', 'hu', 'ar'], options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
  desktop: { languages: ['en', 'ar'], options: { viewport: { width: 1280, height: 800 } } },
}
const kinds = Object.entries(devices).flatMap(([device, { languages, options }]) =>
  languages.flatMap((language) => ['light', 'dark'].map((scheme) => ({ name: `${device}-${language}-${scheme}`, language, scheme, options }))),
)
/** Pictures beside each other and in all on a sheet, and how wide each is there. */
const SHEET = { phone: { across: 8, most: 16, px: 190 }, desktop: { across: 3, most: 9, px: 500 } }

const pages = await openDevPages()
let failed = false

async function take({ name, language, scheme, options }) {
  rmSync(join(folder, name), { recursive: true, force: true })
  mkdirSync(join(folder, name), { recursive: true })
  const at = { ...(await pages.open('?state=login', { ...options, reducedMotion: 'reduce', colorScheme: scheme })), say: await sayIn(language) }
  at.page.setDefaultTimeout(30_000)
  const pictures = []
  for (const [index, scene] of scenes.entries()) {
    let before = 'nothing'
    try {
      for await (const state of walk(at, pages.origin, language, scene)) {
        const file = `${String(index + 1).padStart(2, '0')} ${scene[0]} ${state}`.replaceAll(/[^\w-]+/g, '_')
        await at.page.screenshot({ path: join(folder, name, `${file}.png`) })
        pictures.push(file)
        before = state
      }
    } catch (error) {
      failed = true
      console.log(`✗ ${name} ${scene[0]}, after "${before}": ${error.message.split('\n')[0]}`)
    }
  }
  for (const failure of at.failures) console.log(`✗ ${name}: ${failure}`)
  failed ||= at.failures.length > 0
  await at.page.context().close()
  await makeSheets(name, pictures)
  console.log(`${pictures.length} pictures in .tmp/screens/${name}`)
}

async function makeSheets(name, pictures) {
  const { across, most, px } = SHEET[name.split('-')[0]]
  const style = `body{display:grid;grid-template-columns:repeat(${across},${px}px);gap:4px;margin:4px;font:9px sans-serif;background:#888}figure{margin:0}figcaption{overflow-wrap:anywhere}`
  const sheet = await pages.open('?state=login', { viewport: { width: across * (px + 4) + 4, height: 800 } })
  for (let from = 0; from < pictures.length; from += most) {
    const figures = pictures
      .slice(from, from + most)
      .map((file) => `<figure><img src="${name}/${file}.png" width="${px}"><figcaption>${file}</figcaption></figure>`)
    // A page without an address may show no files.
    const page = join(folder, 'sheet.html')
    writeFileSync(page, `<!doctype html><meta charset="utf-8"><style>${style}</style>${figures.join('')}`)
    await sheet.page.goto(pathToFileURL(page).href)
    await sheet.page.screenshot({ path: join(folder, `${name}-${from / most + 1}.png`), fullPage: true })
    rmSync(page)
  }
  await sheet.page.context().close()
}

try {
  for (const kind of kinds) if (kind.name.includes(only)) await take(kind)
} finally {
  await pages[Symbol.asyncDispose]()
}
process.exitCode = failed ? 1 : 0
