// Draws the PNG icons from public/icon.svg with Chromium: `node scripts/draw-icons.mjs` after a change of the mark; the files are committed.
import { chromium } from 'playwright-core'
import { readFileSync, writeFileSync } from 'node:fs'

const folder = new URL('../client/public/', import.meta.url)
const svg = readFileSync(new URL('icon.svg', folder), 'utf8')
// A maskable icon is cut to any shape: colour to the edges, the mark in the middle.
const full = svg.replace('rx="13" ', '').replace('<g ', '<g transform="translate(4.8 4.8) scale(0.8)" ')
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] })
const page = await browser.newPage()
for (const [name, size, source] of [
  ['icon-192.png', 192, svg],
  ['icon-512.png', 512, svg],
  ['icon-maskable-512.png', 512, full],
]) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${source}`)
  writeFileSync(new URL(name, folder), await page.screenshot({ omitBackground: true }))
}
await browser.close()
