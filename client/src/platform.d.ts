// What Vite gives beyond the language.
declare module '*.css?inline' {
  const css: string
  export default css
}
declare module '*.css'
interface ImportMeta {
  readonly env: { readonly PROD: boolean }
}
