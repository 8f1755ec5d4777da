// Makes Tailwind's sheet work inside shadow roots (V4): `@property` is ignored there, so its initial values become plain declarations;
// and `rem` follows the page that embeds us, so it is taken from a custom property.
import type { Plugin } from 'vite'

/** Tailwind's own way to give those values, for browsers that know no `@property`; ours serves them too. That the layer comes before all others stays. */
const fallback = /@layer properties\s*\{\s*@supports[^{]*\{[^{}]*\{[^{}]*\}\s*\}\s*\}/g
const property = /@property\s+(--[\w-]+)\s*\{([^}]*)\}/g
const remOutsidePreludes = /(@(?:media|container|supports)[^{]*\{)|(?<![\w\\.-])(-?(?:\d+\.?\d*|\.\d+))rem(?![\w\\])/g

export function forShadowRoots(css: string): string {
  const initial: string[] = []
  const rest = css.replaceAll(fallback, '@layer properties;').replaceAll(property, (_rule, name: string, body: string) => {
    initial.push(`${name}:${/initial-value:\s*([^;}]+)/.exec(body)?.[1]?.trim() ?? 'initial'}`)
    return ''
  })
  const defaults = initial.length ? `@layer properties{:host,*,::before,::after,::backdrop{${initial.join(';')}}}` : ''
  const sized = rest.replaceAll(remOutsidePreludes, (match: string, prelude: string | undefined, n: string) =>
    prelude === undefined ? `calc(var(--skein-rem, 1rem) * ${n})` : match,
  )
  return sized + defaults
}

/** Rewrites style sheets that are imported as text (`?inline`); stands after Tailwind's plugin, which compiles them. */
export const shadowCss = (): Plugin => ({
  name: 'skein-shadow-css',
  enforce: 'pre',
  transform: (code, id) => (id.endsWith('.css?inline') ? { code: forShadowRoots(code), map: null } : undefined),
})
