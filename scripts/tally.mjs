// A reporter of Vitest: what a run came to, as JSON in the file that TALLY names, for scripts/test.mjs.
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { root } from './sources.mjs'

export default class Tally {
  onTestRunEnd(modules, errorsOutside) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state))
    const passed = states.filter((state) => state === 'passed').length
    // A file or a `describe` fails by itself when a hook of it does, or when it can't be read: then its tests are skipped.
    const failures = [...modules.flatMap(failuresOf), ...errorsOutside.map((error) => ['outside every test', error])]
    const skipped = states.filter((state) => state !== 'passed' && state !== 'failed').length
    writeFileSync(process.env.TALLY, JSON.stringify({ passed, failed: failures.length, skipped, messages: failures.map(inFewLines) }))
  }
}

function failuresOf(module) {
  const file = relative(root, module.moduleId)
  const suites = [...module.children.allSuites()].map((suite) => [`${file}: ${suite.fullName}`, suite.errors()])
  const tests = [...module.children.allTests('failed')].map((test) => [`${file}: ${test.fullName}`, test.result().errors])
  return [[file, module.errors()], ...suites, ...tests].filter(([, errors]) => errors.length).map(([where, errors]) => [where, ...errors])
}

/** So that the end of a long log says it too. */
function inFewLines([where, ...errors]) {
  const why = errors.map((error) => error.stack ?? error.message).join('\n')
  return `${where}\n${stripVTControlCharacters(why).split('\n').slice(0, 16).join('\n').slice(0, 2_000)}`
}
