import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

// modulePreload's polyfill is an inline script, which the page's Content-Security-Policy refuses.
// NiiVue reads Zarr stores through a library with WebAssembly inside; the page has none to read.
export default defineConfig({
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 1200 },
  resolve: { alias: { zarrita: fileURLToPath(new URL('src/viewer/no_zarr.ts', import.meta.url)) } },
  server: { proxy: { '/api': 'http://127.0.0.1:8765' } },
})
