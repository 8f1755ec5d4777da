import { groupsSuite } from './groups.suite.ts'

groupsSuite(async () => 'sqlite::memory:')
