// reports/ui/vite.config.ts: bundles what moves in the report into one script, which the report writer puts into the page.
//
// It is built once, when the package is; a report is made without it. No code is split off, nothing is loaded later.

import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  publicDir: false,
  root: fileURLToPath(new URL('.', import.meta.url)),
  logLevel: 'warn',
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: fileURLToPath(new URL('../../dist/reports/ui', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    lib: { entry: 'main.tsx', formats: ['iife'], name: 'powercutReport', fileName: () => 'report-app.js' },
  },
})
