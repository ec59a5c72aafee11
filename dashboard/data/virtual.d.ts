// The methods and paths of the contract, put into the bundle by `vite.config.ts` so that schemas stay out of it.
declare module 'virtual:k1n-routes' {
  const routes: Record<string, Record<string, string>>
  export default routes
}
