import { defineConfig } from 'vite'

// modulePreload's polyfill is an inline script, which the page's Content-Security-Policy refuses.
export default defineConfig({
  build: { modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  server: { proxy: { '/api': 'http://127.0.0.1:8765' } },
})
