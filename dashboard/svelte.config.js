// Read by svelte-check and the Svelte plugin: every component is in runes mode.
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte'

export default { preprocess: vitePreprocess(), compilerOptions: { runes: true } }
