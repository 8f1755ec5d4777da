// Takes line breaks and indentation out of Lit's templates in a build. A browser reads each as one space, and one space is what stays.
import { parseAst, Visitor, type Plugin } from 'vite'

export function withoutIndentation(code: string): string {
  const texts: { start: number; end: number }[] = []
  const visitor = new Visitor({
    TaggedTemplateExpression({ tag, quasi }) {
      if (tag.type === 'Identifier' && (tag.name === 'html' || tag.name === 'svg')) texts.push(...quasi.quasis)
    },
  })
  visitor.visit(parseAst(code))
  const inOrder = texts.toSorted((a, b) => a.start - b.start)
  const kept = inOrder.map(({ start, end }, index) => {
    const before = code.slice(inOrder[index - 1]?.end ?? 0, start)
    return before + code.slice(start, end).replaceAll(/\s*\n\s*/g, ' ')
  })
  return kept.join('') + code.slice(inOrder.at(-1)?.end ?? 0)
}

/** Stands behind what takes the types out. */
export const templateSpace = (): Plugin => ({
  name: 'skein-template-space',
  apply: 'build',
  enforce: 'post',
  transform: (code, id) =>
    /\/client\/src\/.*\.ts$/.test(id) && /\b(?:html|svg)`/.test(code) ? { code: withoutIndentation(code), map: null } : undefined,
})
