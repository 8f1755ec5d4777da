import { strangersSuite } from './strangers.suite.ts'

strangersSuite(async () => 'sqlite::memory:')
