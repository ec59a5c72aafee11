// The paths of the contract, put into the bundle by `vite.config.ts` so that schemas stay out of it.
declare module 'virtual:k1n-routes' {
  import type { K1nContract } from '../../shared/contract.ts'
  import type { Routes } from '../../shared/kernel/client.ts'

  const routes: Routes<K1nContract>
  export default routes
}
