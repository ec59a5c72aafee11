// Bundles the dashboard and the API where their sources changed, as `npm start` does, for who starts the API alone.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './setup/bundle.mjs'
import { node24 } from './setup/node24.mjs'
import { packages } from './setup/packages.mjs'
import { orExplain } from './setup/say.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await orExplain(async () => {
  await packages(root)
  await bundle(root, await node24(root))
})
