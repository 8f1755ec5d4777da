// The API's contract on SQLite.
import { openStorage } from '@skein/storage'
import { apiContract } from './contract/api.suite.ts'

apiContract('sqlite', (ports) => openStorage({ url: 'sqlite::memory:' }, ports))
