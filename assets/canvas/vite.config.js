import { defineConfig } from 'vite'
import vue from '@vitejs/plugin-vue'

// One file with everything in it; only `vue` stays outside: NiceGUI's import map gives the one its own parts use.
export default defineConfig({
  plugins: [vue({ features: { optionsAPI: false } })],
  define: { 'process.env.NODE_ENV': '"production"' },
  build: {
    outDir: 'dist',
    target: 'es2022',
    lib: { entry: 'src/index.js', formats: ['es'] },
    rollupOptions: {
      external: ['vue'],
      // Lib mode leaves whitespace in ES output unless told otherwise.
      output: { minify: true, entryFileNames: 'journey_canvas.[hash].js' },
    },
  },
})
