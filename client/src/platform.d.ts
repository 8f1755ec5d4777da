// What Vite gives beyond the language.
declare module '*.css?inline' {
  const css: string
  export default css
}
declare module '*.css'
