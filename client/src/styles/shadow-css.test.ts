import { expect, test } from 'vitest'
import { forShadowRoots } from '../../vite-shadow-css.ts'

test('V4: initial values of @property become declarations that reach into a shadow root', () => {
  const css = forShadowRoots(
    '@layer properties{@supports ((x) and (not (y))){*,::before{--tw-shadow:0 0 #0000}}}@property --tw-shadow{syntax:"*";inherits:false;initial-value:0 0 #0000}@property --tw-ring{syntax:"*";inherits:false}.a{x:y}',
  )
  expect(css).toBe('@layer properties;.a{x:y}@layer properties{:host,*,::before,::after,::backdrop{--tw-shadow:0 0 #0000;--tw-ring:initial}}')
})

test('V4: rem follows --skein-rem, but for the conditions of at-rules, which know no variables', () => {
  expect(forShadowRoots('@media (width>=40rem){.a{margin:-.5rem 2rem;padding:calc(1.25rem*2)}}')).toBe(
    '@media (width>=40rem){.a{margin:calc(var(--skein-rem, 1rem) * -.5) calc(var(--skein-rem, 1rem) * 2);padding:calc(calc(var(--skein-rem, 1rem) * 1.25)*2)}}',
  )
  expect(forShadowRoots('.w-\\[20rem\\]{--remote:1;width:remainder}')).toBe('.w-\\[20rem\\]{--remote:1;width:remainder}')
})
