import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

const server = process.env.OUTCRY_SERVER ?? 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [sveltekit()],
  server: {
    proxy: { '/api': { target: server, ws: true } },
  },
  test: {
    environment: 'jsdom',
    projects: [
      { extends: true, test: { name: 'units', include: ['src/**/*.test.ts'], exclude: ['src/lib/components/**'] } },
      {
        // Components are mounted as a browser would, which is another Svelte than that of a server.
        extends: true,
        resolve: { conditions: ['browser'] },
        test: { name: 'components', include: ['src/lib/components/**/*.test.ts'] },
      },
    ],
  },
});
